import protobuf from 'protobufjs';
import { z } from 'zod';

/**
 * The part of the ONNX format that our models use, with the field numbers of `onnx.proto`
 * (https://github.com/onnx/onnx, Apache-2.0).
 */
const messages = protobuf.parse(
  `
  syntax = "proto2";
  package onnx;

  message AttributeProto {
    optional string name = 1;
    optional float f = 2;
    optional int64 i = 3;
    optional bytes s = 4;
    repeated float floats = 7;
    repeated int64 ints = 8;
    optional int32 type = 20;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    optional string name = 3;
    optional string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message TensorProto {
    repeated int64 dims = 1;
    optional int32 data_type = 2;
    optional string name = 8;
    optional bytes raw_data = 9;
  }
  message TensorShapeProto {
    message Dimension {
      optional int64 dim_value = 1;
      optional string dim_param = 2;
    }
    repeated Dimension dim = 1;
  }
  message TypeProto {
    message Tensor {
      optional int32 elem_type = 1;
      optional TensorShapeProto shape = 2;
    }
    optional Tensor tensor_type = 1;
  }
  message ValueInfoProto {
    optional string name = 1;
    optional TypeProto type = 2;
  }
  message GraphProto {
    repeated NodeProto node = 1;
    optional string name = 2;
    repeated TensorProto initializer = 5;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message OperatorSetIdProto {
    optional string domain = 1;
    optional int64 version = 2;
  }
  message ModelProto {
    optional int64 ir_version = 1;
    optional string producer_name = 2;
    optional GraphProto graph = 7;
    repeated OperatorSetIdProto opset_import = 8;
  }
  `,
  { keepCase: true },
).root;

/** `TensorProto.DataType`. */
export const dataTypes = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;

/** `AttributeProto.AttributeType`. */
const attributeTypes = { int: 2, string: 3, ints: 7 } as const;

/** Operator set 17 (ONNX 1.12, July 2022) and the version of the file format that goes with it. */
const operatorSet = 17;
const irVersion = 8;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly i?: number | undefined;
  readonly s?: Uint8Array | undefined;
  readonly ints?: readonly number[] | undefined;
}

export interface Node {
  readonly op_type: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
}

export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data_type: number;
  readonly raw_data: Uint8Array;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number;
      /** Missing where nobody says. */
      readonly shape?: { readonly dim: readonly ({ dim_value: number } | { dim_param: string })[] };
    };
  };
}

export interface Graph {
  readonly name: string;
  readonly node: readonly Node[];
  readonly initializer: readonly Initializer[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
}

export function attribute(name: string, value: number | string | readonly number[]): Attribute {
  if (typeof value === 'number') return { name, type: attributeTypes.int, i: value };
  if (typeof value === 'string') return { name, type: attributeTypes.string, s: Buffer.from(value) };
  return { name, type: attributeTypes.ints, ints: value };
}

/** @param shape - A text is the name of a dimension that may have any size. */
export function valueInfo(name: string, type: number, shape: readonly (number | string)[]): ValueInfo {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: type, shape: { dim } } } };
}

/** The bytes of a `.onnx` file; the same graph gives the same bytes. */
export function encodeModel(graph: Graph): Uint8Array {
  const type = messages.lookupType('onnx.ModelProto');
  const model = type.fromObject({
    ir_version: irVersion,
    producer_name: 'drover',
    graph,
    opset_import: [{ domain: '', version: operatorSet }],
  });
  return type.encode(model).finish();
}

const dimensionsSchema = z.array(z.number());
const bytesSchema = z.instanceof(Uint8Array);
const graphSchema = z.object({
  name: z.string(),
  node: z.array(
    z.object({
      op_type: z.string(),
      name: z.string(),
      input: z.array(z.string()),
      output: z.array(z.string()),
      attribute: z
        .array(
          z.object({
            name: z.string(),
            type: z.number(),
            i: z.number().optional(),
            s: bytesSchema.optional(),
            ints: dimensionsSchema.optional(),
          }),
        )
        .default([]),
    }),
  ),
  initializer: z.array(
    z.object({
      name: z.string(),
      dims: dimensionsSchema.default([]),
      data_type: z.number(),
      raw_data: bytesSchema,
    }),
  ),
  input: z.array(z.custom<ValueInfo>()),
  output: z.array(z.custom<ValueInfo>()),
});

/**
 * The graph of a `.onnx` file that {@link encodeModel} made.
 *
 * @throws Error where the bytes are of something else.
 */
export function decodeModel(bytes: Uint8Array): Graph {
  const type = messages.lookupType('onnx.ModelProto');
  const { graph } = type.toObject(type.decode(bytes), { longs: Number });
  return graphSchema.parse(graph);
}
