"""The panel of a run, and its closing table."""

from __future__ import annotations

import io

from rich.console import Console

from textbooks.reports.synthesis import SynthesisPanel, synthesis_table


class Clock:
    """Time that a test moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def panel_of(*, total=10, terminal=False, spent=lambda: (1234, 0.5)):
    out, clock = io.StringIO(), Clock()
    console = Console(file=out, force_terminal=terminal, width=100)
    return SynthesisPanel(console, total=total, spent=spent, clock=clock), out, clock


def test_a_line_says_everything():
    panel, _, clock = panel_of()
    panel.begin({"kept": 2})
    clock.now += 30
    for reason in (None, None, "syntax"):
        panel.note(reason)
    assert panel.line() == "5 of 10; kept 4; syntax 1; 1,234 tokens; cost 0.5000; 50 s left"


def test_without_a_terminal_lines_come_now_and_then_and_at_the_end():
    panel, out, clock = panel_of()
    with panel:
        for _ in range(5):
            clock.now += 4
            panel.note(None)
    lines = out.getvalue().splitlines()
    assert [line.split(";")[0] for line in lines] == ["3 of 10", "5 of 10"]


def test_on_a_terminal_it_is_drawn_with_the_reasons():
    panel, out, _ = panel_of(terminal=True)
    with panel:
        panel.note("near_duplicate")
    assert "near_duplicate" in out.getvalue()
    assert "1 of 10" in out.getvalue()


def test_before_the_first_nothing_is_known_of_the_time():
    panel, _, _ = panel_of(spent=lambda: (0, None))
    panel.begin({"kept": 5})
    assert panel.line() == "5 of 10; kept 5; 0 tokens; time left unknown"


STATS = {
    "read": 10,
    "kept": 7,
    "dropped": 2,
    "quarantined": 1,
    "reasons": {"no_answer": 1, "fails_examples": 2},
    "repaired": 3,
    "prompt_tokens": 5000,
    "completion_tokens": 700,
    "cost": 1.5,
    "missing_benchmarks": ["mbpp"],
}


def test_the_closing_table_explains_every_reason():
    console = Console(file=io.StringIO(), width=120)
    console.print(synthesis_table(STATS))
    shown = console.file.getvalue()
    lines = [line.split() for line in shown.splitlines() if line.strip()]
    assert lines[0][:2] == ["asked", "10"]
    assert lines[1][:4] == ["kept", "7", "70", "%"] or lines[1][:3] == ["kept", "7", "70%"] or "70" in lines[1][2]
    assert lines[2][0] == "fails_examples"
    assert "an example or assertion of its own does not hold" in shown
    assert "3 of them after a repair" in shown
    assert "not searched for: mbpp" in shown
    assert "1.5000" in shown
