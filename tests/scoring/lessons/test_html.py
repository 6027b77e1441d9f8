"""HTML posts: code as the standard library's parser finds it, languages, prose."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import HOSTILE_TEXTS
from textbooks.scoring.lessons.blocks import Block, merge_prose
from textbooks.scoring.lessons.html import read_html


def blocks_of(text):
    return list(merge_prose(read_html(text)))


def test_a_post_in_parts():
    text = (
        "<p>Why is <code>x</code> &lt; 3\nhere?</p>\n\n<pre><code>x = 1\nif x &lt; 3:\n    print(x)\n</code></pre>\n\n"
        "<p>It prints:</p><pre><code>1\n</code></pre>"
    )
    assert blocks_of(text) == [
        Block("prose", "Why is x < 3 here?"),
        Block("python", "x = 1\nif x < 3:\n    print(x)"),
        Block("prose", "It prints:"),
        Block("other", "1"),
    ]


@pytest.mark.parametrize(
    ("opening", "kind"),
    [
        ('<pre class="lang-py prettyprint-override"><code>', "python"),
        ('<pre><code class="language-python3 hljs">', "python"),
        ("<pre class='python'>", "python"),
        ('<pre class="lang-js prettyprint-override"><code>', "other"),
        (
            '<div class="language-python highlighter-rouge"><div class="highlight"><pre class="highlight"><code>',
            "python",
        ),
        ('<pre class="lang-default s-code-block"><code>', "other"),
        ("<pre>", "other"),
    ],
)
def test_the_language_that_a_class_names(opening, kind):
    assert blocks_of(f"{opening}for x in</code></pre>") == [Block(kind, "for x in")]


def test_the_language_of_a_closed_part_says_nothing_of_the_next():
    text = '<div class="language-js"><pre>x = 1</pre></div><pre>x = 1</pre>'
    assert [block.kind for block in blocks_of(text)] == ["other", "python"]


def test_scripts_styles_and_comments_are_not_read():
    text = "<style>p {x: 1}</style>a<!-- <pre>x = 1</pre> --><script>if (a < b) {}</script>b<!-- open <p>c</p>"
    assert blocks_of(text) == [Block("prose", "ab")]


def test_code_that_is_not_closed_reaches_to_the_end():
    assert blocks_of("<p>Look</p><pre><code>x = 1<br>y = 2") == [
        Block("prose", "Look"),
        Block("python", "x = 1\ny = 2"),
    ]


class Oracle(HTMLParser):
    """Collects the text of all ``<pre>`` elements and of the rest."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.inside, self.code, self.prose = False, [], []

    def handle_starttag(self, tag, attrs):
        if tag == "pre":
            self.inside = True
            self.code.append("")

    def handle_endtag(self, tag):
        if tag == "pre":
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.code[-1] += data
        else:
            self.prose.append(data)


words = st.sampled_from(["x = 1", "f(x)", "some words", "a &lt; b", "&amp;", "&#39;s", "<b>bold</b>", "<code>c</code>"])
element = st.one_of(
    st.lists(words, max_size=4).map(lambda w: f"<p>{' '.join(w)}</p>"),
    st.lists(words, max_size=4).map(lambda w: "<pre><code>" + "\n".join(w) + "</code></pre>"),
    st.just("<hr/>"),
)


@given(st.lists(element, max_size=6))
def test_code_and_words_are_those_that_the_standard_parser_finds(elements):
    text = "\n".join(elements)
    oracle = Oracle()
    oracle.feed(text)
    oracle.close()
    found = merge_prose(read_html(text))
    code = [block.text.split() for block in found if block.kind != "prose"]
    assert code == [piece.split() for piece in oracle.code if piece.strip()]
    prose = [word for block in found if block.kind == "prose" for word in block.text.split()]
    assert prose == " ".join(oracle.prose).split()


@given(st.text(st.sampled_from("<>/!-preco =\"'&;\nx"), max_size=80))
def test_any_text_can_be_read(text):
    assert sum(block.text.count("x") for block in read_html(text)) <= text.count("x")


HOSTILE_TAGS = {
    "open comments": "<!--" * 50_000,
    "open tags": "<a" * 100_000,
    "one long name": "<" + "a" * 200_000,
    "deep": "<div>" * 50_000 + "x",
    "attributes": "<pre " + "class " * 30_000,
}


@pytest.mark.parametrize("text", [*HOSTILE_TEXTS.values(), *HOSTILE_TAGS.values()], ids=[*HOSTILE_TEXTS, *HOSTILE_TAGS])
def test_hostile_texts_are_read(text):
    assert isinstance(read_html(text), list)
