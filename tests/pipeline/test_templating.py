"""In which line of a template a fault is told to be."""

from __future__ import annotations

import pytest

from pipeline.templating import TEMPLATE_FAULTS, compile_template, evaluate, fault_in, render

SOURCES = {
    "{{ 1 / 0 }}": 1,
    "{{ 1 +\n 1 / 0 }}": 1,
    "a\n\n{{ 1 / 0 }}": 3,
    "a\n{% macro m() %}\n{{ 1 / 0 }}\n{% endmacro %}\n\n{{ m() }}": 3,
    "a\n{% for x in range(3) %}\n{{ x }}\n{{ 1 / (x - 2) }}\n{% endfor %}": 4,
}


@pytest.mark.parametrize(("source", "line"), SOURCES.items())
def test_a_fault_is_told_with_the_line_of_the_template(source: str, line: int) -> None:
    with pytest.raises(TEMPLATE_FAULTS) as caught:
        render(compile_template(source, frozenset()))
    assert fault_in(caught.value) == f"line {line}: division by zero"
    with pytest.raises(TEMPLATE_FAULTS) as caught:
        evaluate(source, {})
    assert fault_in(caught.value) == f"line {line}: division by zero"
