# lit: .mlir files exercise passes through graphc-opt, .test files the user's command line. %t is a fresh path per test.
import os
import sys

import lit.formats

config.name = "graphc"
config.test_format = lit.formats.ShTest(True)  # bash
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.join(config.graphc_source_dir, "tests")
config.test_exec_root = os.path.join(config.graphc_binary_dir, "tests", "lit")
config.environment["PATH"] = os.pathsep.join([
    os.path.join(config.graphc_binary_dir, "tools", "graphc"),
    os.path.join(config.graphc_binary_dir, "tools", "graphc-opt"),
    os.path.join(config.graphc_binary_dir, "tests", "lower"),
    config.llvm_tools_dir,
    os.environ["PATH"],
])
config.environment["NO_COLOR"] = "1"
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%examples", os.path.join(config.graphc_source_dir, "docs", "examples")))
config.substitutions.append(("%source", config.graphc_source_dir))
