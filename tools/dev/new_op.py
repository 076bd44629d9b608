#!/usr/bin/env python3
"""Makes the four files of a new op (docs/adding_an_op.md); edits none.

    tools/dev/new_op.py NAME [--kind unary|binary|op]

unary, binary: one scalar function, broadcast over the operands. op: a shape rule of its own. What stands in <angle brackets> is to be
filled in: the code does not compile before, so that nothing is forgotten. An op that differs from others by one scalar function alone
may rather be a row in their pair of files."""
import argparse
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLOATS = "f32, f64, f16, bf16"

DEFINITION = """// $name: <what it computes>.
include "dialects/graph/graph_dialect.td"

def Graph_$classOp : $base {
  let summary = "<three to eight words>, elementwise";
  let description = [{
    `y = <formula in $operands>`. <What it is at its limits: NaN, infinities, overflow.>

    Constraints:
$constraints

    ```mlir
    %y = graph.$name $example
    ```
  }];
$members}
"""

ELEMENTWISE = """// $name: <why the formula is computed in this form>.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

Value $classOp::lowerScalar(ScalarBuilder &b, ValueRange x) { return <formula in $scalars, with b>; }
Number $classOp::evaluateScalar(ArrayRef<Number> x) { return <formula in $jets>; }
Value $classOp::timesPartial(RuleBuilder &b, unsigned i, Value v) { return <v times the derivative by operand i>; }
"""

OWN_SHAPE = """// $name: <how it is lowered, and why so>.
#include "dialects/graph/graph_dialect.h"

using namespace mlir;
using namespace graphc::graph;

LogicalResult $classOp::inferReturnTypes(MLIRContext *, std::optional<Location> location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  auto x = operandType(location, "$name", adaptor.getOperands(), 0, floatDtypes); // (C1)
  if (failed(x)) return failure();
  Shape shape = <result's sizes, of shapeOf(*x)>;
  return addResultType(location, shape, x->getElementType(), About::theOperand(0), types);
}

FailureOr<SmallVector<Value>> $classOp::lower(Lowering &lowering) {
  return SmallVector<Value>{<built from lowering.in[0]>};
}

LogicalResult $classOp::evaluate(ArrayRef<HostTensor> operands, MutableArrayRef<HostTensor> results) {
  <fill results[0] from operands[0]>;
  return success();
}

Dim $classOp::flops() { return <operations>; }

void $classOp::jvp(RuleBuilder &b, JvpState &state) { state.set(0, <what state.in(0) makes>); }
void $classOp::vjp(RuleBuilder &b, VjpState &state) { state.sums[0] = <what state.ct() makes>; }
"""

SHAPES = """// $name: result type and errors.
// RUN: graphc-opt %s -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: @result
func.func @result($arguments) {
  // CHECK: graph.$name
  %y = graph.$name $example
  return
}
"""

ERROR = """
// -----

func.func @$name_$constraint($arguments) {
  // expected-error@+1 {{$error}}
  %y = graph.$name $example
  return
}
"""

CASES = """{ "ulp": 2, "values": "special", "dtypes": "floats",
  "cases": [
$cases ] }
"""

MEMBERS = """  let arguments = (ins AnyRankedTensor:$x);
  let results = (outs AnyRankedTensor:$y);
  let assemblyFormat = "$x attr-dict `:` type($x)";
"""


def filled(text, values):
    for name in sorted(values, key=len, reverse=True):
        text = text.replace("$" + name, values[name])
    return text


def uses(operands, types):
    """The op's operands and their types as the IR writes them, and the arguments of a function that has them."""
    names = [f"%{name}" for name in operands]
    return {"example": f"{', '.join(names)} : {', '.join(types)}",
            "arguments": ", ".join(f"{name}: {type}" for name, type in zip(names, types))}


def errors(name, kind, operands):
    """(constraint, types of the operands, message)"""
    wrong = ("c1" if kind != "binary" else "c3", ["tensor<4xi32>"] * len(operands),
             f"G4002 operand 0: '{name}' is not defined for i32, it takes {FLOATS}")
    if kind != "binary":
        return [wrong]
    return [("c1", ["tensor<4xf32>", "tensor<3xf32>"], "G3001 operand 1, operand 0: cannot combine [4] with [3]: axis 0 is 4 and 3"),
            ("c2", ["tensor<4xf32>", "tensor<4xf64>"],
             f"G4001 operand 1, operand 0: '{name}' combines f32 and f64, its operands must have one dtype"), wrong]


def files(name, kind):
    operands = ["a", "b"] if kind == "binary" else ["x"]
    title = "".join(part.capitalize() for part in name.split("_"))
    base = {"unary": f'Graph_Unary<"{name}", "floatDtypes", <operations per element>>',
            "binary": f'Graph_Binary<"{name}", "floatDtypes">', "op": f'Graph_Op<"{name}">'}[kind]
    constraints = ["the dtype of `x` is a float"] if kind != "binary" else [
        "`a` and `b` broadcast: aligned at the right, sizes are equal or one of them is the number 1",
        "`a` and `b` have one dtype", "that dtype is a float"]
    values = {"name": name, "class": title, "base": base, "operands": ", ".join(operands),
              "constraints": "\n".join(f"    - (C{i}) {text}" for i, text in enumerate(constraints, 1)),
              "scalars": ", ".join(f"x[{i}]" for i in range(len(operands))),
              "jets": ", ".join(f"x[{i}].real" for i in range(len(operands))),
              "members": MEMBERS if kind == "op" else ""}
    values.update(uses(operands, ["tensor<4x8xf32>", "tensor<8xf32>"][:len(operands)]))
    definition = filled(DEFINITION, values)
    if kind == "op":
        definition = definition.replace(", elementwise", "")
    shapes = filled(SHAPES, values)
    for constraint, types, message in errors(name, kind, operands):
        shapes += filled(ERROR, {**values, **uses(operands, types), "constraint": constraint, "error": message})
    call = f'"{name}({", ".join(operands)})"'
    rows = ['"$t[$n]"', '"$t[3, $n]"', '"$t[]"']
    sizes = [', "sizes": { "n": [0, 1, 7, 16, 33, 67] }', ', "sizes": { "n": [0, 13] }', ""]
    cases = ",\n".join("    { \"inputs\": { %s }, \"output\": %s%s }" % (", ".join(f'"{o}": {row}' for o in operands), call, size)
                       for row, size in zip(rows, sizes))
    return {f"dialects/graph/ops/{name}.td": definition,
            f"dialects/graph/ops/{name}.cpp": filled(OWN_SHAPE if kind == "op" else ELEMENTWISE, values),
            f"tests/ops/{name}.mlir": shapes,
            f"tests/ops/{name}.json": CASES.replace("$cases", cases)}


def main():
    parser = argparse.ArgumentParser(description="Make the four files of a new op.")
    parser.add_argument("name", help="as formulas call it, lower_snake_case")
    parser.add_argument("--kind", choices=["unary", "binary", "op"], default="unary")
    arguments = parser.parse_args()
    name = arguments.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        sys.exit(f"new_op.py: '{name}' is no name of an op, expected lower_snake_case")
    for path in glob.glob(os.path.join(ROOT, "dialects/graph/ops/*.td")):
        with open(path, encoding="utf-8") as file:
            if re.search(r'<"%s"' % name, file.read()):
                sys.exit(f"new_op.py: '{name}' is an op already, of {os.path.relpath(path, ROOT)}")
    made = files(name, arguments.kind)
    there = [path for path in made if os.path.exists(os.path.join(ROOT, path))]
    if there:
        sys.exit(f"new_op.py: {there[0]} is there already")
    for path, text in made.items():
        with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
            file.write(text)
        print(path)


if __name__ == "__main__":
    main()
