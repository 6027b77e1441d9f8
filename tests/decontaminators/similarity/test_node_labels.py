"""What stands for each kind of syntax node."""

from __future__ import annotations

from textbooks.decontaminators.similarity.node_labels import LOOK_CLOSER, SKIPPED, labelling
from textbooks.scoring.syntax_tree import python_language


def test_every_label_is_one_byte_and_names_one_thing():
    table = labelling()
    codes = [ord(character) for character in table.characters.values()]
    assert sorted(codes) == list(range(1, len(codes) + 1))
    assert len(codes) < 256


def test_what_the_grammar_can_produce_has_an_action():
    table, language = labelling(), python_language()
    assert len(table.actions) == 1 << 16
    assert table.actions[-1] == ord(table.characters["ERROR"])
    by_name = {
        (language.node_kind_for_id(number), language.node_kind_is_named(number)): table.actions[number]
        for number in range(language.node_kind_count)
    }
    assert by_name["comment", True] == by_name["type", True] == by_name["(", False] == SKIPPED
    assert by_name["+", False] == ord(table.characters["+"])
    assert by_name["tuple", True] == by_name["pattern_list", True] == ord(table.characters["tuple"])
    assert by_name["identifier", True] < LOOK_CLOSER


def test_a_builtin_that_is_a_keyword_of_the_grammar_has_a_label_of_its_own():
    table = labelling()
    assert table.builtins[b"sorted"] == ord(table.characters["sorted"])
    assert len(set(table.builtins.values()) | {table.name}) == len(table.builtins) + 1
