// Control flow and calls of random graphs (random_generator.h). A region is a function that grows like any other from
// what it gets. It must give types that are asked for: the carries', the other branch's; these are taken from what
// there is, so a region that makes none of a carry's type hands the carry on.
#include "dialects/graph/call_dims.h"
#include "dialects/graph/recursion.h"
#include "dialects/graph/reverse_while.h"
#include "dialects/graph/structure.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "tests/models/random_generator.h"

using namespace mlir;

namespace graphc::test {

Generator::Region Generator::begin(TypeRange arguments, unsigned depth) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  std::string region = name + ".r" + std::to_string(regions++);
  auto function = b.create<func::FuncOp>(b.getUnknownLoc(), region, b.getFunctionType(arguments, {}));
  function.setPrivate();
  Block *block = function.addEntryBlock();
  Region made{function, Values(block->args_begin(), block->args_end()), OpBuilder::atBlockEnd(block)};
  grow(made.b, made.values, 1 + below(4), depth);
  return made;
}

FlatSymbolRefAttr Generator::finish(Region &region, ValueRange results) {
  func::FuncOp function = region.function;
  region.b.create<func::ReturnOp>(region.b.getUnknownLoc(), results);
  dropUnused(function.front());
  function.setFunctionType(region.b.getFunctionType(function.getArgumentTypes(), results.getTypes()));
  return FlatSymbolRefAttr::get(function.getSymNameAttr());
}

Generator::Values Generator::drawSome(ArrayRef<Value> values, unsigned least, unsigned most) {
  Values some;
  for (unsigned count = least + below(most - least + 1); count > 0; --count) some.push_back(draw(values));
  return some;
}

Value Generator::ofType(Type type, ArrayRef<Value> values) {
  Value found;
  for (Value value : values)
    if (value.getType() == type && (!found || below(4))) found = value;
  return found;
}

Value Generator::make(OpBuilder &b, llvm::StringRef mnemonic, ValueRange operands,
                      ArrayRef<NamedAttribute> attributes) {
  auto name = RegisteredOperationName::lookup(("graph." + mnemonic).str(), context);
  OperationState state(b.getUnknownLoc(), name->getStringRef(), operands, {}, attributes);
  if (failed(name->getInterface<InferTypeOpInterface>()->inferReturnTypes(
          context, std::nullopt, operands, state.attributes.getDictionary(context), OpaqueProperties(nullptr),
          RegionRange(), state.types)))
    return {};
  return b.create(state)->getResult(0);
}

Value Generator::number(OpBuilder &b, Type element, int64_t value) {
  auto type = RankedTensorType::get({}, element);
  Attribute attribute = isa<FloatType>(element) ? Attribute(b.getFloatAttr(element, double(value)))
                                                : Attribute(b.getIntegerAttr(element, value));
  Dialect *dialect = context->getLoadedDialect("graph");
  return dialect->materializeConstant(b, DenseElementsAttr::get(type, attribute), type, b.getUnknownLoc())
      ->getResult(0);
}

Value Generator::condition(OpBuilder &b, ArrayRef<Value> values) {
  Value value = draw(values);
  if (!cast<RankedTensorType>(value.getType()).getElementType().isF32())
    value = make(b, "cast", value, b.getNamedAttr("dtype", TypeAttr::get(b.getF32Type())));
  Value sum = value ? make(b, "sum", value) : Value();
  return sum ? make(b, "greater", {sum, number(b, b.getF32Type(), int64_t(below(3)) - 1)}) : Value();
}

Operation *Generator::tryControl(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  switch (below(5)) {
  case 0:
    return tryIf(b, values, depth);
  case 1:
    return tryWhile(b, values, depth);
  case 2:
    return tryScan(b, values, depth);
  case 3:
    return tryRecursion(b, values, depth);
  default:
    return tryCall(b, values, depth);
  }
}

Operation *Generator::tryIf(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  Value chosen = condition(b, values);
  if (!chosen) return nullptr;
  Values captures = drawSome(values, 1, 3), ofYes, ofNo;
  Region yes = begin(ValueRange(captures).getTypes(), depth + 1),
         no = begin(ValueRange(captures).getTypes(), depth + 1);
  for (unsigned count = 1 + below(2); count > 0; --count) {
    Value one = draw(yes.values), other = ofType(one.getType(), no.values);
    if (!other) { // both have what they got
      Type type = draw(captures).getType();
      one = ofType(type, yes.values), other = ofType(type, no.values);
    }
    ofYes.push_back(one);
    ofNo.push_back(other);
  }
  FlatSymbolRefAttr yesName = finish(yes, ofYes), noName = finish(no, ofNo);
  return b.create<graph::IfOp>(b.getUnknownLoc(), ValueRange(ofYes).getTypes(), yesName, noName, chosen, captures,
                               UnitAttr());
}

Operation *Generator::tryWhile(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  Values carries = drawSome(values, 1, 2), captures = drawSome(values, 0, 2), next;
  Type turn = RankedTensorType::get({}, b.getI64Type());
  bool index = below(3);
  SmallVector<Type> arguments(index, turn);
  llvm::append_range(arguments, ValueRange(carries).getTypes());
  llvm::append_range(arguments, ValueRange(captures).getTypes());
  Region test = begin(arguments, depth + 1);
  ArrayRef<Value> given = ArrayRef(test.values).take_front(arguments.size());
  Value goesOn;
  if (index) goesOn = make(test.b, "less", {given[0], number(test.b, b.getI64Type(), below(5))});
  if (!index || below(2)) {
    Value more = condition(test.b, ArrayRef(test.values).drop_front(index));
    if (!more) return nullptr;
    goesOn = goesOn ? make(test.b, "and", {goesOn, more}) : more;
  }
  Region body = begin(arguments, depth + 1);
  for (Value carry : carries) next.push_back(ofType(carry.getType(), body.values));
  bool limited = !index || below(2) == 0;
  auto limit = limited ? graph::shapeAttr(context, graph::Dim(below(5))) : graph::ShapeAttr();
  bool stop = limited && below(8);
  FlatSymbolRefAttr testName = finish(test, goesOn), bodyName = finish(body, next);
  SmallVector<Type> results(ValueRange(carries).getTypes());
  results.push_back(turn);
  auto unit = [&](bool set) { return set ? b.getUnitAttr() : UnitAttr(); };
  auto loop = b.create<graph::WhileOp>(b.getUnknownLoc(), results, testName, bodyName, carries, captures, limit,
                                       unit(stop), unit(index), UnitAttr(), StringAttr());
  return withMode(loop, limited);
}

template <class Op> Op Generator::withMode(Op loop, bool isBounded) {
  llvm::StringRef modes[] = {"", "tape", "carries", "segments", "online"};
  llvm::StringRef mode = isBounded ? modes[below(isa<graph::WhileOp>(loop) ? 5 : 4)] : modes[0];
  if (!mode.empty()) loop.setGradAttr(StringAttr::get(context, mode));
  if (mode == "segments" && below(2))
    loop->setAttr(graph::segmentsAttr, IntegerAttr::get(IntegerType::get(context, 64), 1 + below(3)));
  return loop;
}

Operation *Generator::tryScan(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  graph::Dim length = int64_t(below(5));
  Values over, carries = drawSome(values, 0, 2), captures = drawSome(values, 0, 2), given;
  auto shapeOf = [](Value value) { return graph::shapeOf(cast<RankedTensorType>(value.getType())); };
  for (unsigned tries = 0; tries < 4 && over.size() < 2; ++tries) {
    Value value = draw(values);
    graph::Shape shape = shapeOf(value);
    if (shape.empty() || (over.empty() ? shape[0].high() > 16 : shape[0] != length)) continue;
    length = shape[0];
    over.push_back(value);
  }
  bool index = below(2);
  Type turn = RankedTensorType::get({}, b.getI64Type());
  SmallVector<Type> arguments(index, turn), results(ValueRange(carries).getTypes());
  llvm::append_range(arguments, ValueRange(carries).getTypes());
  for (Value sequence : over)
    arguments.push_back(graph::tensorType(ArrayRef(shapeOf(sequence)).drop_front(),
                                          cast<RankedTensorType>(sequence.getType()).getElementType()));
  llvm::append_range(arguments, ValueRange(captures).getTypes());
  if (arguments.empty()) return nullptr;
  Region body = begin(arguments, depth + 1);
  for (Value carry : carries) given.push_back(ofType(carry.getType(), body.values));
  for (Value collected : drawSome(body.values, carries.empty(), 2)) {
    graph::Shape shape = shapeOf(collected);
    shape.insert(shape.begin(), length);
    Type stack = graph::tensorType(shape, cast<RankedTensorType>(collected.getType()).getElementType());
    if (!isSmall(stack)) continue;
    given.push_back(collected);
    results.push_back(stack);
  }
  FlatSymbolRefAttr bodyName = finish(body, given);
  if (results.empty()) return nullptr;
  auto unit = [&](bool set) { return set ? b.getUnitAttr() : UnitAttr(); };
  auto scan = b.create<graph::ScanOp>(b.getUnknownLoc(), results, bodyName, carries, over, captures, Value(),
                                      graph::shapeAttr(context, length), unit(below(3) == 0), unit(index), UnitAttr(),
                                      StringAttr());
  return withMode(scan, true);
}

/// A function that calls itself once or twice with a lower number until that is below 1, on values that it changes, and
/// goes on with what the calls give.
Operation *Generator::tryRecursion(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  Values given = drawSome(values, 1, 2);
  Type turn = RankedTensorType::get({}, b.getI64Type());
  SmallVector<Type> types(ValueRange(given).getTypes()), arguments{turn};
  llvm::append_range(arguments, types);
  Region function = begin(arguments, depth + 1);
  func::FuncOp f = function.function;
  f->setAttr(graph::maxDepthAttr, b.getI64IntegerAttr(8));
  f->setAttr(graph::recursionAttr, f.getSymNameAttr());
  f.setFunctionType(b.getFunctionType(arguments, types)); // its calls are built before it ends
  Values captures(function.values.begin(), function.values.begin() + arguments.size()), ofEnd, ofCalls;
  Region end = begin(arguments, depth + 1), on = begin(arguments, depth + 1);
  for (Type type : types) ofEnd.push_back(ofType(type, end.values));
  SmallVector<Values> made;
  for (int64_t less = 1, calls = 1 + below(2); less <= calls; ++less) {
    Values operands{make(on.b, "sub", {on.values[0], number(on.b, b.getI64Type(), less)})};
    for (Type type : types) operands.push_back(ofType(type, on.values));
    auto call =
        on.b.create<graph::CallOp>(b.getUnknownLoc(), types, FlatSymbolRefAttr::get(f.getSymNameAttr()), operands);
    made.emplace_back(call.result_begin(), call.result_end());
    llvm::append_range(on.values, call.getResults());
    grow(on.b, on.values, below(3), depth + 1);
  }
  for (unsigned i = 0; i < types.size(); ++i) {
    Value result = made[0][i]; // so that no call is for nothing
    for (const Values &further : ArrayRef(made).drop_front())
      if (Value sum = make(on.b, "add", {result, further[i]})) result = sum;
    Value other = ofType(types[i], on.values), both = below(2) ? make(on.b, "add", {result, other}) : Value();
    ofCalls.push_back(both ? both : result);
  }
  FlatSymbolRefAttr endName = finish(end, ofEnd), onName = finish(on, ofCalls);
  Value stops = make(function.b, "less", {captures[0], number(function.b, b.getI64Type(), 1)});
  auto branch = function.b.create<graph::IfOp>(b.getUnknownLoc(), types, endName, onName, stops, captures, UnitAttr());
  finish(function, branch.getResults());
  Values operands{number(b, b.getI64Type(), below(5))};
  llvm::append_range(operands, given);
  return b.create<graph::CallOp>(b.getUnknownLoc(), types, FlatSymbolRefAttr::get(f.getSymNameAttr()), operands);
}

/// Of a function made before, or of a new one, some of whose sizes may be dims that this call binds.
Operation *Generator::tryCall(OpBuilder &b, ArrayRef<Value> values, unsigned depth) {
  func::FuncOp callee;
  Values operands;
  if (!callees.empty() && below(2)) {
    callee = callees[below(unsigned(callees.size()))];
    for (Type type : callee.getArgumentTypes()) operands.push_back(ofType(type, values));
    if (llvm::is_contained(operands, Value())) return nullptr;
  } else {
    operands = drawSome(values, 1, 3);
    graph::Dim named = graph::Dim::named(graph::DimAttr::get(context, "N", 1, 12, 1));
    int64_t size = 1 + below(5);
    bool general = below(2);
    SmallVector<Type> arguments;
    for (Value operand : operands) {
      auto type = cast<RankedTensorType>(operand.getType());
      graph::Shape shape = graph::shapeOf(type);
      general &= llvm::all_of(shape, [](const graph::Dim &dim) { return dim.isStatic(); });
      if (general) std::replace(shape.begin(), shape.end(), graph::Dim(size), named);
      arguments.push_back(graph::tensorType(shape, type.getElementType()));
    }
    if (graph::bindDims(arguments, ValueRange(operands).getTypes()).conflict) return nullptr;
    Region region = begin(arguments, depth + 1);
    finish(region, drawSome(region.values, 1, 2));
    callees.push_back(callee = region.function);
  }
  graph::BoundDims dims = graph::bindDims(callee.getArgumentTypes(), ValueRange(operands).getTypes());
  if (dims.conflict) return nullptr;
  SmallVector<Type> results;
  for (Type type : callee.getResultTypes()) results.push_back(graph::substituteDims(type, dims));
  if (!llvm::all_of(results, isSmall)) return nullptr;
  return b.create<graph::CallOp>(b.getUnknownLoc(), results, FlatSymbolRefAttr::get(callee.getSymNameAttr()), operands);
}

} // namespace graphc::test
