"""How diverse a set of texts is: vocabulary, redundancy, meaning, names, imports; one set, or two side by side."""

from textbooks.diversity.compression import compression_ratio
from textbooks.diversity.content import USUAL_IMPORTS, Content, name_words, read_content
from textbooks.diversity.distinct import distinct_n
from textbooks.diversity.entropy import Entropy, entropy, rarefied_entropy
from textbooks.diversity.estimates import Estimate
from textbooks.diversity.measures import MEASURES, Measure
from textbooks.diversity.neighbours import near_duplicate_rates, nearest_jaccard
from textbooks.diversity.report import DiversityReport, DiversitySet, LeftOut, Overlap
from textbooks.diversity.reporting import diversity_report
from textbooks.diversity.self_bleu import self_bleu
from textbooks.diversity.vendi import hill_number, vendi_score

__all__ = [
    "MEASURES",
    "USUAL_IMPORTS",
    "Content",
    "DiversityReport",
    "DiversitySet",
    "Entropy",
    "Estimate",
    "LeftOut",
    "Measure",
    "Overlap",
    "compression_ratio",
    "distinct_n",
    "diversity_report",
    "entropy",
    "hill_number",
    "name_words",
    "near_duplicate_rates",
    "nearest_jaccard",
    "rarefied_entropy",
    "read_content",
    "self_bleu",
    "vendi_score",
]
