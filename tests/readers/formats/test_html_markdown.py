"""Posts as Markdown: code character for character, prose as a person would write it."""

from __future__ import annotations

import contextlib
import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textbooks.readers.formats.html_markdown import html_to_markdown

CASES = [
    ("", ""),
    ("plain", "plain"),
    ("<p>one</p>\n\n<p>two</p>", "one\n\ntwo"),
    ("<p>a <em>b</em> <strong>c</strong> <code>d</code></p>", "a *b* **c** `d`"),
    ("<p>use <code>a  b</code>,\n  then   go</p>", "use `a  b`, then go"),
    ("<p><code>`x`</code> and <code>a``b</code></p>", "`` `x` `` and ```a``b```"),
    ('<p>see <a href="https://example.org/x" rel="nofollow">this</a></p>', "see [this](https://example.org/x)"),
    ('<p><img src="a.png" alt="A plot"></p>', "![A plot](a.png)"),
    ("<pre><code>x = 1\ny  =  2\n</code></pre>", "```\nx = 1\ny  =  2\n```"),
    ('<pre class="lang-py prettyprint-override"><code>x\n</code></pre>', "```python\nx\n```"),
    ('<pre><code class="hljs language-bash">ls</code></pre>', "```bash\nls\n```"),
    ('<pre class="default s-code-block"><code>x</code></pre>', "```\nx\n```"),
    ("<pre>a<br>b</pre>", "```\na\nb\n```"),
    ("<pre><code>a &lt; b &amp;&amp; c\n\n\n</code></pre>", "```\na < b && c\n\n\n```"),
    ("<pre><code>```\n</code></pre>", "````\n```\n````"),
    ("<ul>\n<li>a</li>\n<li>b <b>c</b></li>\n</ul>", "- a\n- b **c**"),
    (
        "<ol><li><p>a</p></li><li><p>b</p><pre><code>x\n  y\n</code></pre></li></ol>",
        "1. a\n\n2. b\n   \n   ```\n   x\n     y\n   ```",
    ),
    ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n> \n> b"),
    ("<h2>A\n title</h2><hr><p>x<br>y</p>", "## A title\n\n---\n\nx\ny"),
    ("<p>x<sup>2</sup> <del>no</del></p>", "x<sup>2</sup> ~~no~~"),
    ("<script>alert(1)</script><p>a<!-- no --></p><style>p {}</style>", "a"),
    ("<div><span><p>a</p>b</span></div>", "a\n\nb"),
    ("<p>```not a fence</p>", "\\```not a fence"),
    (
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
    ),
    ("<p>unclosed <b>bold<p>next", "unclosed **bold**\n\nnext"),
    ("<p>a &nbsp; b &eacute; &#8364; &#x1F600;</p>", "a \xa0 b é € 😀"),
    ("<p>&xxe; <![CDATA[x]]> <?php echo 1 ?></p>", None),
]


@pytest.mark.parametrize(("post", "markdown"), CASES)
def test_each_element_has_its_markdown(post: str, markdown: str | None) -> None:
    found = html_to_markdown(post)
    assert markdown is None or found == markdown


# what XML can hold, but for carriage returns, which HTML reads as line ends
CODE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Co"], include_characters="\t\n"), max_size=60
)


@settings(deadline=None)
@given(CODE, CODE)
def test_code_is_kept_character_for_character(code: str, prose: str) -> None:
    post = f"<p>{html.escape(prose)}</p><pre><code>{html.escape(code)}\n</code></pre><p>end</p>"
    markdown = html_to_markdown(post)
    assert markdown.endswith("\n\nend")
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * max(3, longest + 1)
    assert f"{fence}\n{code}\n{fence}\n\nend" in markdown


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_by_name(post: str) -> None:
    with contextlib.suppress(ValueError, RecursionError):
        assert isinstance(html_to_markdown(post), str)


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "blockquote"])
def test_deep_nesting_ends(tag: str) -> None:
    try:
        found = html_to_markdown(f"<{tag}>" * 5_000 + "x")
    except (ValueError, RecursionError):
        return
    assert len(found) < 10**7


def test_the_class_of_either_element_names_the_language() -> None:
    post = '<pre class="default s-code-block"><code class="hljs language-ruby">x</code></pre>'
    assert html_to_markdown(post) == "```ruby\nx\n```"
