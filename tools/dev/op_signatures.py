#!/usr/bin/env python3
"""Writes dialects/graph/op_signature.inc from the ops' TableGen records.

    op_signatures.py graph_ops.json op_signature.inc

graph_ops.json is `llvm-tblgen --dump-json` of the aggregate graph_ops.td. The .td files stay the one place that says what an op
takes: front end, `graphc ops` and docs read the table made here. Fails on an attribute of a kind that JSON cannot give."""
import json
import sys
import textwrap

KINDS = {"I64Attr": "int", "BoolAttr": "bool", "F64Attr": "float", "DenseI64ArrayAttr": "ints", "StrAttr": "string",
         "DenseF64ArrayAttr": "floats", "TypeAttr": "dtype", "ElementsAttr": "tensor", "Graph_ShapeAttr": "dims",
         "Graph_TypeAttr": "type", "Graph_PaddingAttr": "padding"}


def quoted(text):
    return json.dumps(text or "", ensure_ascii=True)


def base_attribute(records, name):
    """The innermost attribute below defaults and options, by record name."""
    while records[name].get("baseAttr"):
        name = records[name]["baseAttr"]["def"]
    return name


def attribute_row(records, op, name, record_name):
    record = records[record_name]
    base = base_attribute(records, record_name)
    if base not in KINDS:
        sys.exit(f"op_signatures.py: {op}: attribute '{name}' is of kind {base}, which JSON cannot give")
    fallback = record.get("defaultValue") or ""
    required = not fallback and not record.get("isOptional")
    return "{%s, %s, %s, %s}" % (quoted(name), quoted(KINDS[base]), str(required).lower(), quoted(fallback))


def operand_row(records, name, record_name):
    kinds = records[record_name]["!superclasses"]
    return "{%s, %s, %s}" % (quoted(name), str("Optional" in kinds).lower(), str("Variadic" in kinds).lower())


def array(ctype, name, rows):
    if not rows:
        return "", "{}"
    return "constexpr %s %s[] = {%s};\n" % (ctype, name, ", ".join(rows)), name


def op_text(records, op):
    """The arrays of one op, and its row of the table."""
    mnemonic, operands, attributes = op["opName"], [], []
    for value, name in op["arguments"]["args"]:
        record_name = value["def"]
        if "Attr" in records[record_name]["!superclasses"]:
            attributes.append(attribute_row(records, mnemonic, name, record_name))
        else:
            operands.append(operand_row(records, name, record_name))
    results = [quoted(name) for _, name in op["results"]["args"]]
    text, names = "", []
    for ctype, suffix, rows in (("OperandSignature", "operands", operands), ("AttributeSignature", "attributes", attributes),
                                ("llvm::StringRef", "results", results)):
        declaration, name = array(ctype, f"{mnemonic}_{suffix}", rows)
        text += declaration
        names.append(name)
    description = textwrap.dedent(op["description"]).strip()
    row = "    {%s, %s, %s, %s, %s, %s, %s, %s},\n" % (quoted(mnemonic), quoted(op["summary"]), quoted(description), quoted(op["infix"]),
                                                   quoted(op["prefix"]), quoted(op["role"]), "true" if op["callable"] else "false", ", ".join(names))
    return text, row


def main():
    source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        records = json.load(file)
    ops = sorted((records[name] for name in records["!instanceof"]["Graph_Op"]), key=lambda op: op["opName"])
    texts, rows = zip(*(op_text(records, op) for op in ops))
    with open(target, "w", encoding="utf-8") as file:
        file.write("// Written by tools/dev/op_signatures.py.\n" + "".join(texts))
        file.write("constexpr OpSignature table[] = {\n" + "".join(rows) + "};\n")


if __name__ == "__main__":
    main()
