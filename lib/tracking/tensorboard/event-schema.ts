import protobuf from 'protobufjs';
import { z } from 'zod';

/**
 * The part of TensorFlow's event format that we write, with the field numbers of `event.proto`, `summary.proto`,
 * `histogram.proto` and `tensor.proto` (https://github.com/tensorflow/tensorflow, Apache-2.0).
 */
const messages = protobuf.parse(
  `
  syntax = "proto3";
  package tensorboard;

  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what {
      string file_version = 3;
      Summary summary = 5;
      SessionLog session_log = 7;
    }
  }
  message SessionLog {
    int32 status = 1;
  }
  message Summary {
    message Value {
      string tag = 1;
      oneof value {
        float simple_value = 2;
        HistogramProto histo = 5;
        TensorProto tensor = 8;
      }
      SummaryMetadata metadata = 9;
    }
    repeated Value value = 1;
  }
  message SummaryMetadata {
    message PluginData {
      string plugin_name = 1;
      bytes content = 2;
    }
    PluginData plugin_data = 1;
    string display_name = 2;
    string summary_description = 3;
    int32 data_class = 4;
  }
  message HistogramProto {
    double min = 1;
    double max = 2;
    double num = 3;
    double sum = 4;
    double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }
  message TensorProto {
    int32 dtype = 1;
    TensorShapeProto tensor_shape = 2;
    repeated bytes string_val = 8;
  }
  message TensorShapeProto {
    message Dim {
      int64 size = 1;
    }
    repeated Dim dim = 2;
  }
  `,
  { keepCase: true },
).root;

const eventType = messages.lookupType('tensorboard.Event');

/** What an event is about, as far as two of them may be about the same. */
const eventSchema = z.object({
  wall_time: z.number().default(0),
  step: z.number().default(0),
  file_version: z.string().optional(),
  session_log: z.object({ status: z.number().default(0) }).optional(),
  summary: z.object({ value: z.array(z.looseObject({ tag: z.string().default('') })) }).optional(),
});
export type Event = z.infer<typeof eventSchema>;

/** One event's bytes. */
export function encodeEvent(event: Readonly<Record<string, unknown>>): Uint8Array {
  return eventType.encode(eventType.fromObject(event)).finish();
}

/** An event, with field names as in the schema above. */
export function decodeEvent(bytes: Uint8Array): Event {
  return eventSchema.parse(eventType.toObject(eventType.decode(bytes), { longs: Number }));
}
