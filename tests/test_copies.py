"""Nothing is written three times: the same steps under other names are one function."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from tests.test_size import FILES, ROOT

LINES = 6  # of a body; a shorter one may be like others by chance
MOST = 2  # places that may have it
Function = ast.FunctionDef | ast.AsyncFunctionDef


class _Shape(ast.NodeTransformer):
    """Names are numbered as they come, constants are left out; attributes and keywords stay."""

    def __init__(self) -> None:
        self._names = defaultdict[str, str](lambda: f"name{len(self._names)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names[node.id], node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._names[node.arg])

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant(type(node.value).__name__)


def shape(function: Function) -> tuple[int, str]:
    """Of its body without the docstring: how many lines, and its steps whatever the names."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
    return lines, ast.dump(_Shape().visit(ast.Module(body, [])))


def copies(sources: dict[str, str], places: int) -> Iterator[list[str]]:
    """The functions, as file:line name, whose body stands in more than so many places."""
    found = defaultdict[str, list[str]](list)
    for file, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, Function):
                lines, steps = shape(node)
                if lines >= LINES:
                    found[steps].append(f"{file}:{node.lineno} {node.name}")
    return (those for those in found.values() if len(those) > places)


def test_no_body_of_a_function_stands_in_three_places() -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text() for path in FILES}
    assert not list(copies(sources, MOST))


def test_a_copy_is_seen_under_other_names() -> None:
    body = "\n".join(f"    a{n} = f({n}).x" for n in range(LINES))
    one, other = f"def one():\n{body}\n", f'def other():\n    """Doc."""\n{body}\n'
    renamed = other.replace("a", "b").replace("f(", "g(")
    assert list(copies({"x": one, "y": renamed}, 1)) == [["x:1 one", "y:1 other"]]
    assert not list(copies({"x": one, "y": renamed.replace(".x", ".y")}, 1))
