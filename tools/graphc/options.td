// The whole command line of graphc, one table: parsing, help per command and did-you-mean all read it. LLVM 19's OptTable knows no
// subcommands, so each command is one visibility bit. Every option with a value is written --name=value or --name value.
include "llvm/Option/OptParser.td"

// Each name is an enumerator in options.h, in this order.
def CheckVis   : OptionVisibility;
def BuildVis   : OptionVisibility;
def RunVis     : OptionVisibility;
def BenchVis   : OptionVisibility;
def OpsVis     : OptionVisibility;
def ExplainVis : OptionVisibility;
def TargetsVis : OptionVisibility;
def ImportVis  : OptionVisibility;
def VjpVis     : OptionVisibility;
def JvpVis     : OptionVisibility;
def GradcheckVis : OptionVisibility;

multiclass ValueOption<string name, string value, string text> {
  def NAME : Joined<["--"], name # "=">, MetaVarName<value>, HelpText<text>;
  def NAME # _separate : Separate<["--"], name>, Alias<!cast<Option>(NAME)>;
}

let Visibility = [CheckVis, BuildVis, RunVis, BenchVis, OpsVis, ExplainVis, TargetsVis, ImportVis, VjpVis, JvpVis, GradcheckVis] in {
  def help : Flag<["--"], "help">, HelpText<"Show this help">;
  def h : Flag<["-"], "h">, Alias<help>;
}
let Visibility = [CheckVis, BuildVis, RunVis, BenchVis, ImportVis, VjpVis, JvpVis, GradcheckVis] in {
  defm diag : ValueOption<"diag", "FORMAT", "Messages as human (default), short or json">;
}
let Visibility = [BuildVis, ImportVis] in {
  def o : JoinedOrSeparate<["-"], "o">, MetaVarName<"PATH">, HelpText<"Write here: build's folder, or the .json file of import">;
}
let Visibility = [CheckVis, BuildVis, RunVis, BenchVis, VjpVis, JvpVis, GradcheckVis] in {
  defm weights : ValueOption<"weights", "FILE", "Values of the params, a safetensors file">;
}
let Visibility = [BuildVis, RunVis, BenchVis, VjpVis, JvpVis] in {
  defm target : ValueOption<"target", "LEVEL", "native, or a level that 'graphc targets' lists: x86-64-v2 to x86-64-v4+vnni+bf16; build: one or more, with commas "
    "(default all: the library takes the highest that the processor has); run, bench: one (default native)">;
  defm accuracy : ValueOption<"accuracy", "MODE", "fast (default), or strict: no faster form of an op that rounds more (3x3 convolutions by Winograd)">;
  def O : Joined<["-"], "O">, MetaVarName<"0..3">, HelpText<"Optimization level (default 2)">;
}
let Visibility = [BuildVis, RunVis, BenchVis] in {
  defm memory_limit : ValueOption<"memory-limit", "BYTES", "Workspace that each entry may take: a number, or one with K, M or G; kernels are moved, and done twice, to fit">;
  defm jobs : ValueOption<"jobs", "N", "Threads to compile with, 1 to 1024 (default: what the machine has); the product is the same for all">;
}
let Visibility = [RunVis, BenchVis, VjpVis, JvpVis, GradcheckVis] in {
  defm entry : ValueOption<"entry", "NAME", "The entry to call; may be left out if there is one (gradcheck: all of them)">;
}
let Visibility = [RunVis, BenchVis, VjpVis, JvpVis] in {
  defm threads : ValueOption<"threads", "N", "Threads that a call may use, 1 (default) to 1024">;
}
let Visibility = [RunVis, BenchVis, VjpVis, JvpVis, GradcheckVis] in {
  defm dim : ValueOption<"dim", "NAME=N", "Value of a dim; once per dim (run: those that no input tells; bench: default 1 or the least allowed; gradcheck: 2)">;
}
let Visibility = [BuildVis] in {
  defm name : ValueOption<"name", "NAME", "Prefix of the library's symbols (default: the graph's)">;
  def g : Flag<["-"], "g">, HelpText<"Debug lines that point into the JSON">;
  defm emit : ValueOption<"emit", "FORM", "Print graph, linalg, llvm or asm instead of writing a library">;
  defm stop_after : ValueOption<"stop-after", "STAGE", "Print the code after a stage and stop">;
  defm dump_after : ValueOption<"dump-after", "STAGE", "Print the code after a stage and go on">;
  defm depfile : ValueOption<"depfile", "FILE", "Write the files read, as a make rule">;
  def time_report : Flag<["--"], "time-report">, HelpText<"Print the time of every stage, MLIR pass and step of code generation">;
  def time_report_form : Joined<["--"], "time-report=">, MetaVarName<"FORMAT">, HelpText<"The same as human (default) or json">;
}
let Visibility = [VjpVis] in {
  defm cotangents : ValueOption<"cotangents", "DIR", "Folder with a NAME.npy for outputs; those without count as 0">;
}
let Visibility = [JvpVis] in {
  defm tangents : ValueOption<"tangents", "DIR", "Folder with a NAME.npy for inputs; those without are constant">;
}
let Visibility = [VjpVis, JvpVis] in {
  defm wrt : ValueOption<"wrt", "NAMES", "Inputs to derive by, with commas (default: vjp all of floats, jvp those with a tangent)">;
}
let Visibility = [RunVis, VjpVis, JvpVis, GradcheckVis] in {
  defm inputs : ValueOption<"inputs", "DIR", "Folder with one NAME.npy per input (gradcheck: those without are drawn)">;
}
let Visibility = [GradcheckVis] in {
  defm seed : ValueOption<"seed", "N", "Of what is drawn: inputs, params without values, directions (default 1)">;
}
let Visibility = [RunVis, VjpVis, JvpVis] in {
  defm outputs : ValueOption<"outputs", "DIR", "Folder for one NAME.npy per output; made if missing">;
}
let Visibility = [BenchVis, GradcheckVis] in {
  def json : Flag<["--"], "json">, HelpText<"Print one JSON object">;
}
let Visibility = [BenchVis] in {
  defm seconds : ValueOption<"seconds", "S", "How long to measure (default 2)">;
  def profile : Flag<["--"], "profile">, HelpText<"Show also each kernel call: its nodes, time, GFLOP/s, GB/s, share of the roofline, and why">;
  defm trace : ValueOption<"trace", "FILE", "Write one call's kernels as a Chrome trace (with --profile's facts)">;
}
