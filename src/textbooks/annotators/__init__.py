"""Annotators: educational-value labels from a language model, and which texts to label next."""

from textbooks.annotators.agreement import AnnotationAgreement, agreement_with
from textbooks.annotators.annotation import MARKS, Annotation
from textbooks.annotators.annotator import EduValueAnnotator
from textbooks.annotators.labels import LabelledTexts, label_rows, read_labels, write_labels
from textbooks.annotators.parsing import ANNOTATION_SCHEMA, ParsedAnnotation, parse_annotation
from textbooks.annotators.prompt import RatedExample, annotation_messages, shipped_examples, shipped_rubric
from textbooks.annotators.selection import Selection, select_for_annotation

__all__ = [
    "ANNOTATION_SCHEMA",
    "MARKS",
    "Annotation",
    "AnnotationAgreement",
    "EduValueAnnotator",
    "LabelledTexts",
    "ParsedAnnotation",
    "RatedExample",
    "Selection",
    "agreement_with",
    "annotation_messages",
    "label_rows",
    "parse_annotation",
    "read_labels",
    "select_for_annotation",
    "shipped_examples",
    "shipped_rubric",
    "write_labels",
]
