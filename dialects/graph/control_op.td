// What ops of control flow have in common.
#ifndef GRAPHC_DIALECTS_GRAPH_CONTROL_OP_TD
#define GRAPHC_DIALECTS_GRAPH_CONTROL_OP_TD
include "dialects/graph/calling.td"
include "dialects/graph/graph_dialect.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

/// Control flow. A region of the language is a function: what it sees of the values around it comes as arguments, behind its own, and is
/// called `captures`; params it reads itself. The callees' dims are bound by the operands, as those of graph.call are. `touches_state`: a
/// region reads or writes state, so that the op stays where it is, even if nothing reads its results.
class Graph_ControlOp<string mnemonic, list<Trait> traits = []> : Op<Graph_Dialect, mnemonic, traits # [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>, DeclareOpInterfaceMethods<Calling>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      if (!getTouchesState()) return;
      effects.emplace_back(::mlir::MemoryEffects::Read::get());
      effects.emplace_back(::mlir::MemoryEffects::Write::get());
    }
  }];
}
#endif
