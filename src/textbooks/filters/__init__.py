"""Filters: each judges one text at a time, on bare strings, in `apply`, or as a datatrove step."""

from textbooks.filters.base import ScoreFilter, Step, TextFilter
from textbooks.filters.corpus import CorpusFilter
from textbooks.filters.corpus_result import CorpusResult, DuplicateCluster, DuplicatePair, DuplicatePairs
from textbooks.filters.drawbacks.boilerplate import BoilerplateFilter
from textbooks.filters.drawbacks.self_contained import SelfContainedFilter
from textbooks.filters.drawbacks.structural import StructuralFilter
from textbooks.filters.drawbacks.undocumented_complexity import UndocumentedComplexityFilter
from textbooks.filters.edu_value import EduValueFilter
from textbooks.filters.licences.filter import LicenceFilter
from textbooks.filters.privacy.personal_data import PersonalDataFilter, PersonalDataRedactor
from textbooks.filters.privacy.redaction import Redactor
from textbooks.filters.privacy.secrets import SecretsFilter, SecretsRedactor
from textbooks.filters.size import SizeFilter
from textbooks.filters.syntax import SyntaxFilter
from textbooks.filters.thresholds import ThresholdTable
from textbooks.filters.topics.balancer import TopicBalancer
from textbooks.filters.topics.report import TopicReport

__all__ = [
    "BoilerplateFilter",
    "CorpusFilter",
    "CorpusResult",
    "DuplicateCluster",
    "DuplicatePair",
    "DuplicatePairs",
    "EduValueFilter",
    "LicenceFilter",
    "PersonalDataFilter",
    "PersonalDataRedactor",
    "Redactor",
    "ScoreFilter",
    "SecretsFilter",
    "SecretsRedactor",
    "SelfContainedFilter",
    "SizeFilter",
    "Step",
    "StructuralFilter",
    "SyntaxFilter",
    "TextFilter",
    "ThresholdTable",
    "TopicBalancer",
    "TopicReport",
    "UndocumentedComplexityFilter",
]
