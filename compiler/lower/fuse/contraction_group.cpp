// Contractions with their elementwise epilogue. The right-hand side is read as panels of 16 columns: params lie so in
// the model block, constants are packed here, anything else is packed by a run of its own, once per value. A
// convolution is a contraction whose left rows are the windows of an image; so are, to its kernel, the rows of a left
// matrix in panels.
#include "compiler/lower/entries.h"
#include "compiler/lower/fuse/group_former.h"
#include "compiler/lower/fuse/loop_dims.h"
#include "compiler/lower/kernels/panels.h"
#include "compiler/lower/kernels/product.h"
#include "graphc/safetensors.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphc;
using graph::Dim;
using lower::GroupFormer, lower::panelColumns;

bool lower::isContraction(Operation *op) {
  auto contraction = dyn_cast<linalg::LinalgOp>(op);
  if (!contraction || !contraction.hasPureTensorSemantics()) return false;
  bool plain = isa<linalg::MatmulOp, linalg::BatchMatmulOp>(op),
       transposed = readsTransposedA(op) || readsTransposedB(op);
  if (!plain && !transposed && !isConvolution(op)) return false;
  auto elementOf = [&](unsigned i) { return getElementTypeOrSelf(op->getOperand(i).getType()); };
  Type element = elementOf(0);
  if (elementOf(1) != element || elementOf(2) != sumOfProducts(element)) return false;
  if (element.isF32() || plain) return true;
  if (transposed) return false;
  // Groups of k must not reach from one kernel position into the next.
  int64_t channels = cast<RankedTensorType>(op->getOperand(0).getType()).getShape().back();
  return !ShapedType::isDynamic(channels) && channels % elementsOfGroup(element) == 0;
}

bool lower::isConvolution(Operation *op) {
  return isa<linalg::Conv1DNwcWcfOp, linalg::Conv2DNhwcHwcfOp, linalg::Conv3DNdhwcDhwcfOp>(op);
}

/// Of the filters, whose type says nothing where a param lies as panels.
static graph::Shape filterShape(Operation *convolution) {
  Value filters = convolution->getOperand(1);
  auto type = cast<RankedTensorType>(filters.getType());
  if (auto read = filters.getDefiningOp<kern::ReadParameterOp>())
    type = cast<RankedTensorType>(
        SymbolTable::lookupNearestSymbolFrom<kern::ParameterOp>(read, read.getParameterAttr()).getType());
  return graph::Shape(type.getShape().begin(), type.getShape().end());
}

/// What the kernel needs to know of a convolution's windows (kern_ops.td), and the sizes of the contraction.
static std::optional<lower::ContractionSizes> convolutionSizes(Operation *op, const lower::TensorSizes &all,
                                                               graph::Shape *windowSizes = nullptr) {
  std::optional<graph::Shape> made = all.shapeOf(op->getResult(0));
  if (!made) return std::nullopt;
  graph::Shape filters = filterShape(op);
  size_t rank = made->size() - 2;
  ArrayRef<Dim> out = ArrayRef(*made).slice(1, rank), kernel = ArrayRef(filters).take_front(rank);
  Dim channels = filters[rank];
  lower::ContractionSizes sizes{made->front() * lower::productOf(out.drop_back()), out.back(), made->back(),
                                lower::productOf(ArrayRef(filters).drop_back())};
  if (!windowSizes) return sizes;
  std::optional<graph::Shape> image = all.shapeOf(op->getOperand(0)); // padded
  if (!image) return std::nullopt;
  auto list = [&](StringRef name) {
    return SmallVector<int64_t>(op->getAttrOfType<DenseIntElementsAttr>(name).getValues<int64_t>());
  };
  SmallVector<int64_t> strides = list("strides"), dilations = list("dilations");
  graph::Shape inStrides(rank + 1, channels); // of the batch and of the image's axes
  for (size_t i = rank; i > 0; --i) inStrides[i - 1] = inStrides[i] * (*image)[i];
  bool wholeRows = dilations.back() == 1; // the last axis of the kernel and the channels are one run
  windowSizes->assign(out.begin(), out.end() - 1);
  windowSizes->push_back(inStrides[0]);
  for (size_t i = 0; i < rank; ++i) windowSizes->push_back(inStrides[i + 1] * Dim(strides[i]));
  for (size_t i = 0; i < rank; ++i) windowSizes->push_back(i + 1 == rank && wholeRows ? Dim(1) : kernel[i]);
  for (size_t i = 0; i < rank; ++i) windowSizes->push_back(inStrides[i + 1] * Dim(dilations[i]));
  windowSizes->push_back(wholeRows ? kernel.back() * channels : channels);
  return sizes;
}

/// The rows of a left matrix in panels as windows along one axis: a run of 16 elements per panel. Blocks of rows are
/// groups, for threads.
static graph::Shape rowsOfPanels(lower::ContractionSizes &loops) {
  constexpr int64_t most = 128, least = 64;
  int64_t rows = loops.m.staticValue(), block = rows;
  for (int64_t size = least; size <= most; ++size)
    if (rows % size == 0) block = size;
  loops.g = rows / block;
  loops.m = block;
  return {block * panelColumns, panelColumns, *loops.k.exactDiv(panelColumns), rows * panelColumns, panelColumns};
}

std::optional<lower::ContractionSizes> lower::contractionSizes(Operation *op, const TensorSizes &sizes) {
  if (!isContraction(op)) return std::nullopt;
  if (isConvolution(op)) return convolutionSizes(op, sizes);
  std::optional<graph::Shape> a = sizes.shapeOf(op->getOperand(0)), c = sizes.shapeOf(op->getResult(0));
  if (!a || !c) return std::nullopt;
  bool batched = c->size() == 3; // B's type is no help: a param's says how its panels lie
  return ContractionSizes{batched ? c->front() : Dim(1), (*c)[batched], c->back(),
                          readsTransposedA(op) ? (*a)[batched] : a->back()};
}

TypedAttr lower::initConstant(Value init) {
  init = stripReshapes(init);
  TypedAttr value;
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    if (!matchPattern(fill.getInputs()[0], m_Constant(&value))) return nullptr;
    return value;
  }
  SplatElementsAttr splat;
  return matchPattern(init, m_Constant(&splat)) ? splat.getSplatValue<TypedAttr>() : nullptr;
}

namespace {
using Maps = SmallVector<std::optional<AffineMap>>;

/// An epilogue's loops cut into (g, m, n), n being the columns of a part where it reads the root's rows in parts.
struct Cut {
  graph::Shape loops;
  lower::DimGroups groups;
  int64_t parts = 1;
};

std::optional<Cut> cutLoops(Operation *root, linalg::GenericOp epilogue, const lower::TensorSizes &all) {
  std::optional<graph::Shape> loops = all.loopSizes(epilogue);
  if (!loops) return std::nullopt;
  graph::Shape wanted = *lower::sizesForEpilogue(root, all);
  Cut cut{*loops, {}};
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    if (lower::stripReshapes(in->get()).getDefiningOp() != root) continue;
    auto dims = lower::operandDims(epilogue.getMatchingIndexingMap(in), *loops);
    if (dims) cut.parts = dims->parts;
    break;
  }
  if (cut.parts != 1) {
    if (!wanted.back().isStatic() || wanted.back().staticValue() % cut.parts) return std::nullopt;
    wanted.back() = wanted.back().staticValue() / cut.parts;
  }
  auto groups = lower::splitDims(*loops, wanted);
  if (!groups) return std::nullopt;
  cut.groups = *groups;
  return cut;
}

/// Each input's map over (g, m, n).
Maps mapsOver(const Cut &cut, linalg::GenericOp epilogue) {
  Maps maps;
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    auto dims = lower::operandDims(epilogue.getMatchingIndexingMap(in), cut.loops);
    maps.push_back(dims ? lower::mapOverGroups(epilogue.getContext(), cut.groups, *dims) : std::nullopt);
  }
  return maps;
}
bool readsAll(const Maps &maps) {
  return llvm::all_of(maps, [](auto &map) { return map.has_value(); });
}

/// Packs a constant matrix, or a batch of them, at build time.
DenseElementsAttr packConstant(DenseElementsAttr matrix, int64_t g, int64_t k, int64_t n, RankedTensorType stored) {
  ArrayRef<char> rows = matrix.getRawData();
  int64_t width = stored.getElementTypeBitWidth() / 8;
  std::vector<char> panels(stored.getNumElements() * width);
  for (int64_t i = 0; i < g; ++i)
    graphc_pack_panels(rows.data() + i * k * n * width, uint32_t(width), k, n,
                       panels.data() + i * (int64_t(panels.size()) / g));
  return DenseElementsAttr::getFromRawBuffer(stored, panels);
}
} // namespace

std::optional<graph::Shape> lower::sizesForEpilogue(Operation *root, const TensorSizes &sizes) {
  if (isWindowFold(root)) {
    std::optional<graph::Shape> made = sizes.shapeOf(root->getResult(0));
    if (!made) return std::nullopt;
    return graph::Shape{productOf(ArrayRef(*made).drop_back(2)), (*made)[made->size() - 2], made->back()};
  }
  std::optional<ContractionSizes> contraction = contractionSizes(root, sizes);
  if (!contraction) return std::nullopt;
  return graph::Shape{contraction->g, contraction->m, contraction->n};
}

bool lower::canBeEpilogue(Operation *root, linalg::GenericOp epilogue, const TensorSizes &sizes) {
  std::optional<Cut> cut = cutLoops(root, epilogue, sizes);
  if (!cut || !readsAll(mapsOver(*cut, epilogue))) return false;
  // The root's result itself must be read element by element.
  const graph::Shape &loops = cut->loops;
  for (OpOperand *in : epilogue.getDpsInputOperands()) {
    if (stripReshapes(in->get()).getDefiningOp() != root) continue;
    DimList all;
    for (unsigned dim = 0; dim < loops.size(); ++dim)
      if (!loops[dim].is(1)) all.push_back(dim);
    if (dimsOf(epilogue.getMatchingIndexingMap(in), loops) != all) return false;
  }
  return true;
}

std::optional<int64_t> lower::partsOfEpilogue(Operation *root, linalg::GenericOp epilogue, const TensorSizes &sizes) {
  constexpr int64_t most = 4; // more leave too few rows to a tile
  if (!isContraction(root) || isConvolution(root) || !getElementTypeOrSelf(root->getOperand(0).getType()).isF32())
    return std::nullopt;
  std::optional<Cut> cut = cutLoops(root, epilogue, sizes);
  if (!cut || cut->parts == 1 || cut->parts > most || !readsAll(mapsOver(*cut, epilogue))) return std::nullopt;
  if (groupSize(cut->loops, cut->groups.back()).staticValue() % panelColumns) return std::nullopt;
  DimList all;
  for (unsigned dim = 0; dim < cut->loops.size(); ++dim)
    if (!cut->loops[dim].is(1)) all.push_back(dim);
  for (OpOperand *in : epilogue.getDpsInputOperands()) { // every part in front of its columns
    if (stripReshapes(in->get()).getDefiningOp() != root) continue;
    auto dims = operandDims(epilogue.getMatchingIndexingMap(in), cut->loops);
    if (dims->dims != all || dims->parts != cut->parts || dims->partBehind != all.size() - cut->groups.back().size())
      return std::nullopt;
  }
  return cut->parts;
}

Value GroupFormer::packPanels(OpBuilder &b, Value matrix, const ContractionSizes &of, bool batched, bool transposed) {
  auto type = cast<RankedTensorType>(matrix.getType());
  Value source = stripReshapes(matrix);
  bool fromPanels = liesInPanels(source);
  if (fromPanels && !transposed) return source;
  Dim matrices = batched ? of.g : Dim(1);
  Value &result = packed[{matrix, transposed}];
  if (result) return result;
  int64_t group = elementsOfGroup(type.getElementType());
  Made stored{{of.n.ceilDiv(panelColumns), of.k.ceilDiv(group) * Dim(group), panelColumns}, type.getElementType()};
  if (batched) stored.shape.insert(stored.shape.begin(), of.g);
  DenseElementsAttr constant;
  if (!transposed && matchPattern(source, m_Constant(&constant)) && !constant.isSplat())
    return result = b.create<arith::ConstantOp>(
               source.getLoc(), packConstant(constant, matrices.staticValue(), of.k.staticValue(), of.n.staticValue(),
                                             plainTensor(stored.shape, stored.element)));
  SmallVector<AffineMap> maps;
  if (fromPanels) maps.push_back(panelMap(b.getContext()));
  kern::KernelOp kernel = table.draft(matrix.getLoc(), "pack_panels", maps, {}, /*hasBody=*/false);
  kernel.setTransposed(transposed);
  setElement(kernel, type.getElementType());
  return result = createRun(b, matrix.getLoc(), table.intern(kernel), buffer(b, source), values({matrices, of.k, of.n}),
                            stored)
                      .getResult(0);
}

GroupFormer::Extras GroupFormer::extrasOf(OpBuilder &b, Operation *root, linalg::GenericOp epilogue,
                                          SmallVectorImpl<Type> &scalars, SmallVectorImpl<Value> &buffers) {
  Extras extras;
  if (!epilogue) return extras;
  Cut cut = *cutLoops(root, epilogue, sizes);
  Maps maps = mapsOver(cut, epilogue);
  for (auto [i, in] : llvm::enumerate(epilogue.getDpsInputOperands())) {
    Value inner = epilogue.getMatchingBlockArgument(in);
    if (stripReshapes(in->get()).getDefiningOp() == root) {
      auto dims = operandDims(epilogue.getMatchingIndexingMap(in), cut.loops);
      extras.arguments.push_back({inner, unsigned(dims->part)});
      continue;
    }
    extras.arguments.push_back({inner, scalars.size()});
    extras.maps.push_back(liesInPanels(in->get()) ? panelMap(b.getContext()) : *maps[i]);
    if (epilogue.getMatchingIndexingMap(in).isIdentity()) extras.whole.push_back(buffers.size());
    scalars.push_back(getElementTypeOrSelf(in->get().getType()));
    buffers.push_back(buffer(b, in->get()));
  }
  return extras;
}

FailureOr<SmallVector<Value>> GroupFormer::cloneEpilogue(kern::KernelOp kernel, linalg::GenericOp epilogue,
                                                         const Extras &extras) {
  if (!epilogue) return SmallVector<Value>{kernel.getBody().getArgument(0)};
  IRMapping map;
  for (auto [inner, position] : extras.arguments) map.map(inner, kernel.getBody().getArgument(position));
  return cloneBody(*epilogue.getBody(), kernel, map);
}

LogicalResult GroupFormer::finishRoot(OpBuilder &b, Operation *root, linalg::GenericOp epilogue, kern::KernelOp kernel,
                                      const Extras &extras, ArrayRef<Value> buffers, ArrayRef<Dim> kernelSizes,
                                      ArrayRef<Value> yieldedBefore, bool inplace) {
  Operation *last = epilogue ? epilogue.getOperation() : root;
  FailureOr<SmallVector<Value>> results = cloneEpilogue(kernel, epilogue, extras);
  if (failed(results)) return kernel->destroy(), failure();
  SmallVector<Value> yielded(yieldedBefore);
  llvm::append_range(yielded, *results);
  yieldFrom(kernel, yielded);
  SmallVector<Made> made;
  for (Value old : last->getResults())
    if (!describe(old, made)) return kernel->destroy(), failure();
  bool makesPanels = makersOfPanels.contains(last);
  if (makesPanels) {
    made[0].shape = panelShape(made[0].shape);
    inplace = false; // nothing that it reads lies so
  }
  SmallVector<int64_t> pairs;
  for (size_t in : extras.whole)
    for (auto [out, result] : llvm::enumerate(made))
      if (inplace && getElementTypeOrSelf(buffers[in].getType()) == result.element)
        pairs.append({int64_t(in), int64_t(out)});
  auto run = createRun(b, placesOf({root, epilogue}), table.intern(kernel), buffers, values(kernelSizes), made, pairs);
  if (makesPanels) panels.insert(run.getResult(0));
  for (auto [old, result] : llvm::zip_equal(last->getResults(), run.getResults())) replace(b, old, result);
  return success();
}

// f32 goes without saying: such kernels have one text, whoever makes them.
void lower::setElement(kern::KernelOp kernel, Type element) {
  if (!element.isF32()) kernel.setElement(element);
}

// Rows decide how tiles are cut, columns which widths there are; strides that are numbers are displacements in the
// code, others would take the registers that the tile needs.
void lower::setKnown(kern::KernelOp kernel, ArrayRef<Dim> sizes, bool mayBeNone) {
  SmallVector<int64_t> known;
  for (const Dim &size : sizes) known.push_back(size.staticValue());
  if (mayBeNone) known.front() = ShapedType::kDynamic;
  while (!known.empty() && ShapedType::isDynamic(known.back())) known.pop_back();
  if (!known.empty()) kernel.setKnown(known);
}

std::optional<std::array<int64_t, 2>> GroupFormer::turnRow(ArrayRef<Value> buffers, const ContractionSizes &of,
                                                           Type element) const {
  constexpr int64_t fewRows = 4, largeMatrix = 131072; // and bytes: else those of B are not what the product waits for
  if (!of.g.is(1) || !of.m.isStatic() || !of.n.isStatic() || !of.k.isStatic() || of.m.staticValue() > fewRows ||
      of.n.staticValue() * of.k.staticValue() * (element.getIntOrFloatBitWidth() / 8) < largeMatrix)
    return std::nullopt;
  for (auto [i, buffer] : llvm::enumerate(buffers)) {
    auto argument = dyn_cast<BlockArgument>(buffer);
    if (!argument || argument.getArgNumber() < firstRow || argument.getArgNumber() >= endOfRows) continue;
    auto bytes = byteSize(cast<RankedTensorType>(argument.getType()));
    if (bytes.value_or(0)) return std::array<int64_t, 2>{int64_t(i), int64_t(*bytes)};
  }
  return std::nullopt;
}

LogicalResult GroupFormer::formContraction(linalg::LinalgOp op, linalg::GenericOp epilogue) {
  ContractionSizes loops = *contractionSizes(op, sizes);
  bool batched = !isConvolution(op) && cast<RankedTensorType>(op->getResult(0).getType()).getRank() == 3;
  Attribute zero = initConstant(op->getOperand(2));
  if (!zero || !(matchPattern(zero, m_Zero()) || matchPattern(zero, m_AnyZeroFloat())))
    return op.emitOpError("adds to something that is not zero");
  Type element = getElementTypeOrSelf(op->getOperand(0).getType());
  Location location = groupLocation(op, epilogue);
  OpBuilder b(epilogue ? epilogue.getOperation() : op.getOperation());
  Value left = buffer(b, op->getOperand(0));
  SmallVector<Value> buffers{left, packPanels(b, op->getOperand(1), loops, batched, readsTransposedB(op))};
  std::optional<int64_t> parts = epilogue ? partsOfEpilogue(op, epilogue, sizes) : std::nullopt;
  SmallVector<Type> scalars(size_t(parts.value_or(1)), sumOfProducts(element));
  Extras extras = extrasOf(b, op, epilogue, scalars, buffers);
  SmallVector<AffineMap> maps(extras.maps);
  bool update = epilogue && isUpdate(epilogue);
  Operation *last = epilogue ? epilogue.getOperation() : op.getOperation();
  if (makersOfPanels.contains(last) || (update && isUpdateOfPanels(epilogue)))
    maps.append(last->getNumResults(), panelMap(b.getContext()));
  kern::KernelOp kernel = table.draft(location, "contraction", maps, scalars);
  setElement(kernel, element);
  kernel.setBatched(ArrayRef<bool>{batched, batched});
  kernel.setTransposed(readsTransposedA(op));
  if (parts) kernel.setParts(*parts);
  if (auto row = turnRow(buffers, loops, element)) kernel.setTurnRow(*row);
  graph::Shape windowSizes;
  if (isConvolution(op)) {
    if (!convolutionSizes(op, sizes, &windowSizes)) return op.emitOpError("reads an image of unknown size");
    kernel.setWindowRank(cast<RankedTensorType>(op->getOperand(0).getType()).getRank() - 2);
  } else if (liesInPanels(op->getOperand(0))) {
    windowSizes = rowsOfPanels(loops);
    kernel.setWindowRank(1);
  }
  graph::Shape kernelSizes{loops.g, loops.m, loops.n, loops.k};
  kernelSizes.append(windowSizes);
  setKnown(kernel, kernelSizes, /*mayBeNone=*/update);
  return finishRoot(b, op, epilogue, kernel, extras, buffers, kernelSizes, {}, /*inplace=*/true);
}
