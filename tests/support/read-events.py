"""Reads a folder of event files as TensorBoard does, and prints what it found as JSON."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

everything = {
    kind: 0 for kind in ('scalars', 'histograms', 'images', 'tensors', 'compressedHistograms')
}
events = EventAccumulator(sys.argv[1], size_guidance=everything)
events.Reload()
tags = events.Tags()
print(
    json.dumps(
        {
            'scalars': {
                tag: [[event.step, event.value] for event in events.Scalars(tag)]
                for tag in tags['scalars']
            },
            'histograms': {
                tag: [
                    [event.step, event.histogram_value.num, sum(event.histogram_value.bucket)]
                    for event in events.Histograms(tag)
                ]
                for tag in tags['histograms']
            },
            'tensors': {
                tag: [
                    [event.step, [value.hex() for value in event.tensor_proto.string_val]]
                    for event in events.Tensors(tag)
                ]
                for tag in tags['tensors']
            },
            'plugins': {
                name: sorted(events.PluginTagToContent(name)) for name in ('images', 'text')
            },
        }
    )
)
