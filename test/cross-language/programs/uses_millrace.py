"""A Beam Python pipeline with transforms of Millrace: uses_millrace.py JOB_ENDPOINT EXPANSION_ENDPOINT FILE"""
import sys

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that
from apache_beam.testing.util import equal_to
from apache_beam.transforms import window
from apache_beam.transforms.external import ExternalTransform
from apache_beam.transforms.external import ImplicitSchemaPayloadBuilder
from apache_beam.transforms.external import SchemaAwareExternalTransform

job_endpoint, millrace, path = sys.argv[1:]
options = PipelineOptions(['--runner=PortableRunner', f'--job_endpoint={job_endpoint}', '--environment_type=LOOPBACK'])

with beam.Pipeline(options=options) as p:
  numbers = p | beam.Create([1, 2, 3])
  payload = ImplicitSchemaPayloadBuilder({'factor': 10})
  scaled = numbers | ExternalTransform('test:scale', payload, millrace)
  assert_that(scaled | beam.Map(lambda n: n + 1), equal_to([11, 21, 31]), label='scaled')

  discovered = SchemaAwareExternalTransform('test:scale', millrace, factor=2)
  assert_that(scaled | 'Again' >> discovered, equal_to([20, 40, 60]), label='discovered')

  pairs = scaled | beam.Map(lambda n: ('big' if n > 15 else 'small', n)).with_output_types(tuple[str, int])
  totals = pairs | ExternalTransform('test:totals', b'', millrace)
  assert_that(totals, equal_to([('big', 50), ('small', 10)]), label='totals')

  timed = pairs | beam.Map(lambda pair: window.TimestampedValue(pair, pair[1])).with_output_types(tuple[str, int])
  windowed = timed | beam.WindowInto(window.FixedWindows(25)) | 'Windowed' >> ExternalTransform('test:totals', b'', millrace)
  assert_that(windowed, equal_to([('big', 20), ('big', 30), ('small', 10)]), label='windowed')

  read = p | ExternalTransform('test:read', b'abc', millrace)
  assert_that(read, equal_to([3]), label='read')

  parts = {'words': p | 'Words' >> beam.Create(['a', 'b', 'c']), 'stop': p | 'Stop' >> beam.Create(['b'])}
  found = parts | ExternalTransform('test:without', b'', millrace)
  assert_that(found['kept'], equal_to(['a', 'c']), label='kept')
  assert_that(found['stopped'], equal_to(['b']), label='stopped')

  doubles = pairs | 'Repeated' >> ExternalTransform('test:repeated', b'', millrace)
  assert_that(doubles, equal_to(['big']), label='repeated')

  lines = p | ExternalTransform('test:lines', path.encode(), millrace)
  assert_that(lines, equal_to(['one', 'two']), label='lines')

print('passed')
