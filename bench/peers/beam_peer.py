"""The workloads in Beam's Python SDK. usage: beam_peer.py WORKLOAD DATA_FOLDER ELEMENTS [pipeline options]"""
import logging
import os
import sys

import apache_beam as beam
from apache_beam.metrics import Metrics, MetricsFilter
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.window import FixedWindows, TimestampedValue
from measurement import Measurement

logging.getLogger().setLevel(logging.ERROR)
workload, data, elements = sys.argv[1], sys.argv[2], int(sys.argv[3])
GROUPS = Metrics.counter("bench", "groups")
TOTAL = Metrics.counter("bench", "total")


def digest(pair):
    GROUPS.inc()
    TOTAL.inc(int(pair[1]))


def key_and_value(line):
    key, value = line.split(",")
    return key, int(value)


def median(group):
    ordered = sorted(group[1])
    return group[0], ordered[len(ordered) // 2]


def user_and_city(line):
    user, _, city = line.split(",")
    return user, city


def user_and_amount(line):
    user, _, amount = line.split(",")
    return user, int(amount)


def pairs(group):
    return [(city, amount) for city in group[1]["cities"] for amount in group[1]["amounts"]]


def event(line):
    time, key = line.split(",")
    return TimestampedValue(key, int(time) / 1000)


def consume(pair):
    GROUPS.inc(len(pair[0]))
    TOTAL.inc(pair[1] & 1023)


def lines(pipeline, name, header=1):
    return pipeline | f"Read {name}" >> beam.io.ReadFromText(f"{data}/{name}", skip_header_lines=header)


def word_count(p):
    words = lines(p, "text.txt", header=0) | beam.FlatMap(lambda line: line.split(" "))
    words | beam.combiners.Count.PerElement() | "Digest" >> beam.Map(digest)


def sum_per_key(p):
    lines(p, "kv.csv") | beam.Map(key_and_value) | beam.CombinePerKey(sum) | "Digest" >> beam.Map(digest)


def median_per_key(p):
    groups = lines(p, "kv.csv") | beam.Map(key_and_value) | beam.GroupByKey()
    groups | "Median" >> beam.Map(median) | "Digest" >> beam.Map(digest)


def join(p):
    cities = lines(p, "users.csv") | "City" >> beam.Map(user_and_city)
    amounts = lines(p, "orders.csv") | "Amount" >> beam.Map(user_and_amount)
    joined = {"cities": cities, "amounts": amounts} | beam.CoGroupByKey() | beam.FlatMap(pairs)
    joined | beam.CombinePerKey(sum) | "Digest" >> beam.Map(digest)


def element_wise(p):
    (
        p
        | beam.Create([0])
        | "Numbers" >> beam.FlatMap(lambda _: range(elements))
        | "Pair" >> beam.Map(lambda i: ("u%d" % (i % 1000), i))
        | "Triple" >> beam.Map(lambda pair: (pair[0], pair[1] * 3 + 1))
        | "Flip" >> beam.Map(lambda pair: (pair[0], pair[1] ^ 5))
        | beam.Filter(lambda pair: pair[1] % 7 != 0)
        | "Consume" >> beam.Map(consume)
    )


def window_count(p):
    events = lines(p, "events.csv") | beam.Map(event) | beam.WindowInto(FixedWindows(60))
    events | beam.combiners.Count.PerElement() | "Digest" >> beam.Map(digest)


build = {
    "W1": word_count,
    "W2": sum_per_key,
    "W3": median_per_key,
    "W4": join,
    "W5": element_wise,
    "W6": window_count,
}[workload]
pipeline = beam.Pipeline(options=PipelineOptions(sys.argv[4:]))
build(pipeline)
measurement = Measurement()
result = pipeline.run()
result.wait_until_finish()
counters = result.metrics().query(MetricsFilter().with_namespace("bench"))["counters"]
values = {str(counter.key.metric.name): counter.committed or counter.attempted for counter in counters}
measurement.end(values["groups"], values["total"])
# The runner's threads would keep the process for seconds.
os._exit(0)
