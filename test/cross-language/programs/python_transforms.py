"""Transforms that the tests use from Millrace, by their full names."""
import apache_beam as beam


class Split(beam.PTransform):
  """Two outputs by name."""

  def __init__(self, at):
    self.at = at

  def expand(self, numbers):
    at = self.at
    return {
        'small': numbers | 'Small' >> beam.Filter(lambda n: n < at),
        'large': numbers | 'Large' >> beam.Filter(lambda n: n >= at),
    }


class Lengths(beam.PTransform):
  """Rows of a schema."""

  def expand(self, words):
    return words | beam.Map(lambda word: beam.Row(word=str(word), length=int(len(word))))


class Join(beam.PTransform):
  """Two inputs by name."""

  def expand(self, inputs):
    return inputs | beam.CoGroupByKey() | beam.MapTuple(
        lambda key, sides: '%s %s %s' % (key, sorted(sides['left']), sorted(sides['right']))).with_output_types(str)


class Fail(beam.PTransform):
  def expand(self, words):
    def fail(word):
      raise ValueError('no %s in Python' % word)

    return words | beam.Map(fail).with_output_types(str)
