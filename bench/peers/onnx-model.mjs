/** Writes an ONNX model of one product, with only those messages of onnx.proto3 that it needs. */
import protobuf from "protobufjs";

const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message ModelProto {
    int64 ir_version = 1;
    GraphProto graph = 7;
    repeated OperatorSetId opset_import = 8;
  }
  message OperatorSetId { int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated ValueInfo input = 11;
    repeated ValueInfo output = 12;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    string op_type = 4;
    repeated Attribute attribute = 5;
  }
  message Attribute { string name = 1; int64 i = 3; int32 type = 20; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Type { TensorType tensor_type = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Shape { repeated Dimension dim = 1; }
  message Dimension { string dim_param = 2; }
`,
  { keepCase: true },
);

const IR_VERSION = 8;
const OPSET = 17;
const FLOAT = 1;
const INTEGER_ATTRIBUTE = 2;

const flag = (name, value) => ({ name, i: Number(value), type: INTEGER_ATTRIBUTE });
const matrix = (name) => ({
  name,
  type: {
    tensor_type: { elem_type: FLOAT, shape: { dim: [`${name}0`, `${name}1`].map((dim_param) => ({ dim_param })) } },
  },
});

/** `out = op(a) op(b)`, of any sizes. */
export function gemmModel(transposeA, transposeB) {
  const attribute = [flag("transA", transposeA), flag("transB", transposeB)];
  const model = root.lookupType("ModelProto");
  return model
    .encode(
      model.fromObject({
        ir_version: IR_VERSION,
        opset_import: [{ version: OPSET }],
        graph: {
          name: "gemm",
          node: [{ op_type: "Gemm", input: ["a", "b"], output: ["out"], attribute }],
          input: [matrix("a"), matrix("b")],
          output: [matrix("out")],
        },
      }),
    )
    .finish();
}
