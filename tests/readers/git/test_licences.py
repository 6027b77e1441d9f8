"""Licences by their texts and by a project's metadata; what is not sure stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

from textbooks.readers.git.licences import licence_of_repository, licence_of_text

MIT = """MIT License

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
NOTICE = MIT[MIT.index("The above copyright") : MIT.index("THE SOFTWARE")]
ISC = """Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
"""


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT, "MIT"),
        (MIT.upper().replace("\n", "\r\n   # "), "MIT"),
        (MIT.replace(NOTICE, ""), "MIT-0"),
        (ISC, "ISC"),
        (MIT + ISC, None),
        (MIT + "\nThe Software may not be sold, under the Commons Clause condition.", None),
        (MIT[: len(MIT) // 3], None),
        ("MIT", None),
        ("All rights reserved.", None),
        ("", None),
    ],
)
def test_texts_are_told_by_their_wording_and_length(text: str, licence: str | None) -> None:
    assert licence_of_text(text) == licence


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        ({"LICENSE": MIT}, "MIT"),
        ({"COPYING.txt": ISC}, "ISC"),
        ({"LICENSE-MIT": MIT, "license.isc": ISC}, "ISC AND MIT"),
        ({"LICENSE": MIT, "LICENSE.third-party": "unknown words"}, None),
        ({"LICENSE": MIT, "pyproject.toml": '[project]\nlicense = "MIT OR Apache-2.0"\n'}, "MIT OR Apache-2.0"),
        ({"pyproject.toml": '[project]\nlicense = {text = "BSD-3-Clause"}\n'}, "BSD-3-Clause"),
        ({"LICENSE": MIT, "pyproject.toml": '[project]\nlicense = {text = "see elsewhere"}\n'}, "MIT"),
        ({"pyproject.toml": '[project]\nclassifiers = ["License :: OSI Approved :: MIT License"]\n'}, "MIT"),
        ({"pyproject.toml": '[project]\nclassifiers = ["License :: OSI Approved :: BSD License"]\n'}, None),
        ({"pyproject.toml": '[project]\nclassifiers = "License :: OSI Approved :: MIT License"\n'}, None),
        ({"LICENSE": MIT, "pyproject.toml": "not [ toml"}, "MIT"),
        ({"LICENSE": MIT, "pyproject.toml": "project = 3"}, "MIT"),
        ({"LICENSE": {"MIT.txt": MIT}}, None),
        ({"LICENSE": "x" * 300_000}, None),
        ({"a.py": "x"}, None),
        ({f"LICENSE.{number}": MIT for number in range(9)}, None),
    ],
)
def test_a_repository_states_its_licence_or_it_is_unknown(
    maker: Any, files: dict[str, Any], licence: str | None
) -> None:
    def to_bytes(tree: dict[str, Any]) -> dict[str, Any]:
        return {name: to_bytes(one) if isinstance(one, dict) else one.encode() for name, one in tree.items()}

    maker.commit(to_bytes(files))
    tree = maker.repository.revparse_single("HEAD").tree
    assert licence_of_repository(maker.repository, tree) == licence
