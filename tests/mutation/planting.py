"""A module with all its mutants in it: each mutated expression asks a switch whether it is the one that is on."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

SWITCH = "__mutant__"
"""What a mutated expression asks, of `builtins`: whether the mutant of that number is on."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}  # fmt: skip
_NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}
_PLAIN = (ast.Compare, ast.BoolOp)
"""Conditions that are mutated within; others are turned round."""


class Mutant(NamedTuple):
    """One fault: in which module, in which function ("" outside of any), on which line, and what became what; "": it is left out."""

    module: str
    within: str
    line: int
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.module}:{self.within or '-'}: {self.was} → {self.now or 'left out'}"


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int() | float():
            yield ast.Constant(node.value + 1)
        case str():
            yield ast.Constant(f"XX{node.value}")
        case bytes():
            yield ast.Constant(b"XX" + node.value)


def variants(node: ast.expr) -> Iterator[ast.expr]:
    """What an expression becomes, one fault at a time."""
    match node:
        case ast.Constant():
            yield from _constant(node)
        case ast.Compare():
            for n, op in enumerate(node.ops):
                turned = [*node.ops[:n], _COMPARISONS[type(op)](), *node.ops[n + 1 :]]
                yield ast.Compare(node.left, turned, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp():
            yield ast.BinOp(node.left, _OPERATORS[type(node.op)](), node.right)
        case ast.Name(id) if id in _NAMES:
            yield ast.Name(_NAMES[id], ast.Load())


def _plain(test: ast.expr) -> bool:
    return not isinstance(test, _PLAIN) and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not))


class Planter(ast.NodeTransformer):
    """Plants every mutant of a module. `mutants` are those planted, in order; the first has the number `first`."""

    def __init__(self, module: str, first: int) -> None:
        self.module, self.first, self.mutants = module, first, list[Mutant]()
        self._within = list[str]()

    def _on(self, was: ast.AST, now: str) -> ast.Call:
        """Ask whether the mutant is on that makes this of what was; a new one."""
        line, place = cast("ast.stmt", was).lineno, ".".join(self._within)
        self.mutants.append(Mutant(self.module, place, line, ast.unparse(was), now))
        number = self.first + len(self.mutants) - 1
        return ast.Call(ast.Name(SWITCH, ast.Load()), [ast.Constant(number)], [])

    def visit(self, node: ast.AST) -> Any:
        if not isinstance(node, ast.expr):
            return super().visit(node)
        others = [copy.deepcopy(other) for other in variants(node)]
        asked = [self._on(node, ast.unparse(ast.fix_missing_locations(other))) for other in others]
        found = super().visit(node)
        for on, other in zip(asked, others, strict=True):
            found = ast.copy_location(ast.IfExp(on, other, found), node)
        return found

    # --- conditions: turned round ---------------------------------------------------------------------------------

    def _condition(self, test: ast.expr) -> ast.expr:
        if not _plain(test):
            return cast("ast.expr", self.visit(test))
        on = self._on(test, f"not {ast.unparse(test)}")
        turned = ast.UnaryOp(ast.Not(), copy.deepcopy(test))
        return ast.copy_location(ast.IfExp(on, turned, self.visit(test)), test)

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._tested(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._tested(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._tested(node)

    def _tested(self, node: ast.If | ast.While | ast.IfExp) -> ast.AST:
        test = self._condition(node.test)
        node.test = ast.Constant(value=None)
        self.generic_visit(node)
        node.test = test
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.iter = self.visit(node.iter)
        node.ifs = [self._condition(test) for test in node.ifs]
        return node

    # --- parts: left out ------------------------------------------------------------------------------------------

    def _elements(self, node: ast.Set | ast.List | ast.Tuple) -> ast.AST:
        if isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load):
            node.elts = [self._element(one) for one in node.elts]
            return node
        return self.generic_visit(node)

    visit_Set = visit_List = visit_Tuple = _elements  # noqa: N815  # the names that the library asks for

    def _element(self, one: ast.expr) -> ast.expr:
        on = self._on(one, "")
        whole = ast.Tuple([self.visit(one)], ast.Load())
        return ast.copy_location(ast.Starred(ast.IfExp(on, ast.Tuple([], ast.Load()), whole), ast.Load()), one)

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        items = list(zip(node.keys, node.values, strict=True))
        node.keys, node.values = [None for _ in items], [self._item(key, value) for key, value in items]
        return node

    def _item(self, key: ast.expr | None, value: ast.expr) -> ast.expr:
        written = ast.copy_location(ast.Dict([key], [value]), value)
        on = self._on(written, "")
        whole = ast.Dict([key and self.visit(key)], [self.visit(value)])
        return ast.copy_location(ast.IfExp(on, ast.Dict([], []), whole), value)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg is None:
            node.value = self.visit(node.value)
            return node
        on = self._on(node, "")
        whole = ast.Dict([ast.Constant(node.arg)], [self.visit(node.value)])
        return ast.copy_location(
            ast.keyword(None, ast.copy_location(ast.IfExp(on, ast.Dict([], []), whole), node)), node
        )

    # --- statements: left out, or otherwise -------------------------------------------------------------------------

    def _instead(self, node: ast.stmt, now: ast.stmt) -> ast.AST:
        on = self._on(node, ast.unparse(ast.fix_missing_locations(now)))
        return ast.copy_location(ast.If(on, [now], [cast("ast.stmt", self.generic_visit(node))]), node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return self._instead(node, ast.Pass())

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        return self._instead(node, ast.Pass())

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self._instead(node, ast.Pass())

    def visit_Break(self, node: ast.Break) -> ast.AST:
        return self._instead(node, ast.Continue())

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return self._instead(node, ast.Break())

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        return self._instead(node, ast.AugAssign(node.target, _OPERATORS[type(node.op)](), copy.deepcopy(node.value)))

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
            return node
        on = self._on(node, "return None")
        node.value = ast.copy_location(ast.IfExp(on, ast.Constant(None), self.visit(node.value)), node.value)
        return node

    # --- where faults are planted, and where not --------------------------------------------------------------------

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST:
        """Its defaults and its body; not its decorators, annotations and bases."""
        self._within.append(node.name)
        if not isinstance(node, ast.ClassDef):
            node.args.defaults = [self.visit(one) for one in node.args.defaults]
            node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
        node.body = [self.visit(one) for one in node.body]
        self._within.pop()
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition  # noqa: N815

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.value = node.value and self.visit(node.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        node.values = [self.visit(one) if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        node.guard = node.guard and self._condition(node.guard)
        node.body = [self.visit(one) for one in node.body]
        return node


def planted(module: str, source: str, first: int) -> tuple[ast.Module, list[Mutant]]:
    """A module's tree with every mutant in it, the first of that number; and the mutants."""
    planter = Planter(module, first)
    tree = cast("ast.Module", planter.visit(ast.parse(source)))
    return ast.fix_missing_locations(tree), planter.mutants
