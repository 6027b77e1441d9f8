"""What is read when: sources with weights, in stages, in one order that any number of readers shares."""

from textbooks.mixtures.dataset import MixtureDataset
from textbooks.mixtures.learning_rate import LearningRate
from textbooks.mixtures.plan import Draws, MixturePlan
from textbooks.mixtures.presets import PRESETS, preset
from textbooks.mixtures.sources import Source
from textbooks.mixtures.stages import Mixture, Stage
from textbooks.mixtures.tokens import TokenFile

__all__ = [
    "PRESETS",
    "Draws",
    "LearningRate",
    "Mixture",
    "MixtureDataset",
    "MixturePlan",
    "Source",
    "Stage",
    "TokenFile",
    "preset",
]
