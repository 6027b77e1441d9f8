"""The paper's classifier on an embedder that needs no network."""

from __future__ import annotations

import dataclasses
import json
import re

import dill
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from tests.conftest import HOSTILE_TEXTS
from textbooks.embedders import Embedder
from textbooks.errors import ModelFormatError
from textbooks.modelfile import read_model_file, write_model_file
from textbooks.scoring import EmbeddingClassifier


@dataclasses.dataclass
class LetterEmbedder:
    """Counts a few letters."""

    letters: str = "abcdefgh"
    asked: int = 0

    @property
    def dimensions(self) -> int:
        return len(self.letters)

    @property
    def identity(self) -> str:
        return f"letters {self.letters}"

    def embed(self, texts):
        self.asked += len(texts)
        counts = np.array([[text.count(letter) for letter in self.letters] for text in texts], dtype=np.float32)
        counts = counts.reshape(len(texts), len(self.letters))
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def labelled(count=120, seed=0):
    """Texts that are the better the more of their letters are a; with labels that are halves now and then."""
    generator = np.random.default_rng(seed)
    shares = generator.integers(0, 6, size=count)
    texts = ["a" * int(share * 4) + "".join(generator.choice(list("bcdefgh"), 20 - int(share * 4))) for share in shares]
    return texts, shares.astype(float), [f"repository {number % 9}" for number in range(count)]


@pytest.fixture(scope="module")
def classifier():
    texts, scores, _ = labelled()
    return EmbeddingClassifier.fit(texts, scores, embedder=LetterEmbedder(), trees=20, seed=1)


def test_it_is_scikit_learns_forest_on_the_embedding(classifier):
    texts, scores, _ = labelled()
    vectors = LetterEmbedder().embed(texts)
    estimator = RandomForestClassifier(20, random_state=1, n_jobs=1).fit(vectors, scores.astype(int))
    fresh = labelled(seed=5)[0]
    found = classifier.predict_proba(fresh)
    np.testing.assert_array_equal(found, estimator.predict_proba(LetterEmbedder().embed(fresh)))
    assert classifier.classes == (0, 1, 2, 3, 4, 5)
    np.testing.assert_allclose(classifier.score(fresh), found @ np.arange(6), atol=1e-12)


def test_it_learns(classifier):
    texts, scores, _ = labelled(seed=7)
    assert np.abs(classifier.score(texts) - scores).mean() < 0.5
    assert classifier.score(["a" * 20, "bcdefgh" * 3]).round().tolist() == [5, 0]
    assert classifier.score([]).shape == (0,)
    assert classifier.predict_proba([]).shape == (0, 6)


def test_hostile_texts_have_scores(classifier):
    texts = [*HOSTILE_TEXTS.values(), "\ud800"]
    scores = classifier.score(texts)
    assert ((scores >= 0) & (scores <= 5)).all()
    np.testing.assert_array_equal(scores, np.concatenate([classifier.score([text]) for text in texts]))


def test_useful_or_not():
    texts, scores, groups = labelled()
    binary = EmbeddingClassifier.fit(texts, scores, embedder=LetterEmbedder(), useful_from=2.5, trees=10)
    assert binary.classes == (0, 1)
    fresh, labels, _ = labelled(seed=3)
    kept = binary.score(fresh)
    np.testing.assert_array_equal(kept, binary.predict_proba(fresh)[:, 1])
    assert np.mean((kept >= 0.5) == (labels >= 2.5)) > 0.9
    held_out = EmbeddingClassifier.held_out_scores(
        texts, scores, embedder=LetterEmbedder(), groups=groups, useful_from=2.5, trees=10
    )
    assert ((held_out >= 0) & (held_out <= 1)).all()


def test_halves_go_up():
    texts, scores, _ = labelled()
    low, high = (
        EmbeddingClassifier.fit(texts, scores - shift * (scores == 3), embedder=LetterEmbedder(), trees=5)
        for shift in (0.0, 0.5)
    )
    np.testing.assert_array_equal(low.predict_proba(texts), high.predict_proba(texts))


def test_classes_that_no_label_names_are_left_out():
    texts, scores, _ = labelled()
    some = EmbeddingClassifier.fit(texts, np.where(scores > 2, 4, 1), embedder=LetterEmbedder(), trees=5)
    assert some.classes == (1, 4)
    assert ((some.score(texts) >= 1) & (some.score(texts) <= 4)).all()


def test_groups_are_held_out_and_the_error_is_noted(classifier):
    texts, scores, groups = labelled()
    embedder = LetterEmbedder()
    fitted = EmbeddingClassifier.fit(texts, scores, embedder=embedder, groups=groups, trees=20, seed=1)
    assert embedder.asked == len(texts)
    held_out = EmbeddingClassifier.held_out_scores(texts, scores, embedder=embedder, groups=groups, trees=20, seed=1)
    error = fitted.training.pop("held_out_mean_absolute_error")
    assert error == pytest.approx(np.abs(held_out - scores).mean(), abs=1e-4)
    assert fitted.training == classifier.training == {"texts": 120, "seed": 1, "trees": 20, "useful_from": None}
    np.testing.assert_array_equal(fitted.score(texts), classifier.score(texts))


def test_a_group_that_is_unlike_all_others_is_scored_by_them():
    texts, scores, groups = labelled()
    odd = [5.0 - score if group == "repository 0" else score for score, group in zip(scores, groups, strict=True)]
    held_out = EmbeddingClassifier.held_out_scores(texts, odd, embedder=LetterEmbedder(), groups=groups, trees=20)
    mine = np.array(groups) == "repository 0"
    assert np.abs(held_out - scores)[mine].mean() < 0.6 < np.abs(held_out - odd)[mine].mean()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trees": 0}, "trees must be at least 1, got 0"),
        ({"useful_from": 0}, "useful_from must be above 0 and at most 5, got 0"),
        ({"useful_from": 5.1}, "useful_from must be above 0 and at most 5, got 5.1"),
        ({"useful_from": float("nan")}, "useful_from must be above 0 and at most 5, got nan"),
        ({"scores": [1.0] * 120}, "labels must differ"),
        ({"scores": [1.0, 1.2] * 60}, "of two classes at least, got 1"),
        ({"scores": [6.0] * 120}, "labels must be in [0, 5], got 6.0"),
        ({"scores": [1.0, 2.0]}, "labels must be one number a text"),
        ({"texts": ["a"] * 19, "scores": [1.0, 2.0] * 9 + [1.0], "groups": None}, "at least 20 labelled texts"),
        ({"groups": ["a"]}, "groups must be one a text, got 1 for 120 texts"),
        ({"groups": ["a", "b"] * 60}, "at least 3 different groups"),
    ],
)
def test_bad_arguments(change, message):
    texts, scores, groups = labelled()
    arguments = {"texts": texts, "scores": scores, "groups": groups, "embedder": LetterEmbedder(), **change}
    with pytest.raises(ValueError, match=re.escape(message)):
        EmbeddingClassifier.fit(arguments.pop("texts"), arguments.pop("scores"), **arguments)


def test_folds_out_of_range():
    texts, scores, groups = labelled()
    with pytest.raises(ValueError, match="folds must be at least 2, got 1"):
        EmbeddingClassifier.held_out_scores(texts, scores, embedder=LetterEmbedder(), groups=groups, folds=1)


def test_parts_that_do_not_fit_are_refused(classifier):
    with pytest.raises(ValueError, match="vectors of length 8, the embedder gives 2"):
        EmbeddingClassifier(classifier._forest, range(6), LetterEmbedder("ab"), {})
    for classes in ([0, 1, 2, 3, 4], [0, 1, 2, 3, 5, 4], [1, 2, 3, 4, 5, 6], [-1, 0, 1, 2, 3, 4]):
        with pytest.raises(ValueError, match="6 increasing classes in 0 to 5 are needed"):
            EmbeddingClassifier(classifier._forest, classes, LetterEmbedder(), {})


class TestFile:
    def test_it_comes_back_bit_by_bit_and_is_the_same_bytes_again(self, classifier, tmp_path):
        path, texts = tmp_path / "paper.npz", labelled(seed=5)[0]
        classifier.save(path)
        loaded = EmbeddingClassifier.load(path, embedder=LetterEmbedder())
        np.testing.assert_array_equal(loaded.predict_proba(texts), classifier.predict_proba(texts))
        assert (loaded.classes, loaded.training) == (classifier.classes, classifier.training)
        loaded.save(tmp_path / "again.npz")
        assert path.read_bytes() == (tmp_path / "again.npz").read_bytes()

    def test_another_embedder_is_refused_with_both_names(self, classifier, tmp_path):
        classifier.save(tmp_path / "paper.npz")
        with pytest.raises(ModelFormatError, match="with the embedder 'letters abcdefgh', got 'letters abcdefgx'"):
            EmbeddingClassifier.load(tmp_path / "paper.npz", embedder=LetterEmbedder("abcdefgx"))

    def test_foreign_and_old_files_are_refused(self, classifier, tmp_path):
        path = tmp_path / "paper.npz"
        classifier.save(path)
        header, arrays = read_model_file(path)
        for change, message in (
            (
                {"format": "textbooks.edu-value"},
                "is not a classifier on embeddings: its format is 'textbooks.edu-value'",
            ),
            ({"version": 2}, "has format version 2, this release reads 1"),
            ({"classes": [0, 1, 2, 3, 4, 4]}, "checksum is not that of its content"),
            ({"sha256": None}, "checksum is not that of its content"),
        ):
            write_model_file(path, {**header, **change}, arrays)
            with pytest.raises(ModelFormatError, match=message):
                EmbeddingClassifier.load(path, embedder=LetterEmbedder())
        write_model_file(path, header, {**arrays, "forest_roots": arrays["forest_roots"][:-1]})
        with pytest.raises(ModelFormatError, match="checksum is not that of its content"):
            EmbeddingClassifier.load(path, embedder=LetterEmbedder())

    def test_content_that_fits_its_checksum_but_is_no_forest_is_refused(self, classifier, tmp_path):
        from textbooks.scoring.embedding_classifier import _checksum

        path = tmp_path / "paper.npz"
        classifier.save(path)
        header, arrays = read_model_file(path)
        del header["sha256"]
        for damaged in ({**arrays, "forest_roots": arrays["forest_roots"] + 10**6}, {}):
            write_model_file(path, {**header, "sha256": _checksum(header, damaged)}, damaged)
            with pytest.raises(ModelFormatError, match="is a damaged classifier"):
                EmbeddingClassifier.load(path, embedder=LetterEmbedder())

    def test_any_flipped_byte_is_noticed_or_without_effect(self, classifier, tmp_path):
        path, texts = tmp_path / "paper.npz", labelled(seed=5)[0]
        classifier.save(path)
        content, wanted = path.read_bytes(), classifier.predict_proba(texts)
        for place in np.random.default_rng(0).integers(len(content), size=60).tolist():
            damaged = bytearray(content)
            damaged[place] ^= 0x55
            path.write_bytes(bytes(damaged))
            try:
                loaded = EmbeddingClassifier.load(path, embedder=LetterEmbedder())
            except ModelFormatError:
                continue
            np.testing.assert_array_equal(loaded.predict_proba(texts), wanted)

    @pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\0" * 1_000])
    def test_what_is_no_archive_is_refused(self, tmp_path, content):
        (tmp_path / "x.npz").write_bytes(content)
        with pytest.raises(ModelFormatError, match="is not a readable"):
            EmbeddingClassifier.load(tmp_path / "x.npz", embedder=LetterEmbedder())

    def test_a_missing_file_is_an_os_error(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            EmbeddingClassifier.load(tmp_path / "none.npz", embedder=LetterEmbedder())

    def test_there_is_no_pickle_in_it(self, classifier, tmp_path):
        classifier.save(tmp_path / "paper.npz")
        with np.load(tmp_path / "paper.npz", allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            assert {archive[name].dtype.kind for name in archive.files} <= set("uif")
        assert header["embedder"] == "letters abcdefgh"


def test_it_travels_to_a_worker(classifier):
    texts = labelled(seed=5)[0]
    np.testing.assert_array_equal(dill.loads(dill.dumps(classifier)).score(texts), classifier.score(texts))


def test_any_embedder_will_do():
    assert isinstance(LetterEmbedder(), Embedder)
