"""Filters: each judges one text at a time, on bare strings, in `apply`, or as a datatrove step."""

from textbooks.filters.base import ScoreFilter, Step, TextFilter
from textbooks.filters.boilerplate import BoilerplateFilter
from textbooks.filters.corpus import CorpusFilter
from textbooks.filters.corpus_result import CorpusResult, DuplicateCluster, DuplicatePair, DuplicatePairs
from textbooks.filters.edu_value import EduValueFilter
from textbooks.filters.licences import LicenceFilter
from textbooks.filters.personal_data import PersonalDataFilter, PersonalDataRedactor
from textbooks.filters.redaction import Redactor
from textbooks.filters.secrets import SecretsFilter, SecretsRedactor
from textbooks.filters.self_contained import SelfContainedFilter
from textbooks.filters.size import SizeFilter
from textbooks.filters.structural import StructuralFilter
from textbooks.filters.syntax import SyntaxFilter
from textbooks.filters.thresholds import ThresholdTable
from textbooks.filters.topic_balance import TopicBalancer
from textbooks.filters.topic_report import TopicReport
from textbooks.filters.undocumented_complexity import UndocumentedComplexityFilter

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
