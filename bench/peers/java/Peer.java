import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.io.TextIO;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.GroupByKey;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Sum;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Duration;
import org.joda.time.Instant;

/** The workloads in Beam's Java SDK. Arguments: WORKLOAD DATA_FOLDER ELEMENTS [pipeline options]. */
public class Peer {
  static final Counter GROUPS = Metrics.counter("bench", "groups");
  static final Counter TOTAL = Metrics.counter("bench", "total");
  static final TupleTag<String> CITIES = new TupleTag<>();
  static final TupleTag<Long> AMOUNTS = new TupleTag<>();

  static boolean isHeader(String line) {
    return line.startsWith("key,") || line.startsWith("user,") || line.startsWith("ts,");
  }

  static class Digest extends DoFn<KV<String, Long>, Void> {
    @ProcessElement
    public void process(@Element KV<String, Long> pair) {
      GROUPS.inc();
      TOTAL.inc(pair.getValue());
    }
  }

  static class Words extends DoFn<String, String> {
    @ProcessElement
    public void process(@Element String line, OutputReceiver<String> out) {
      for (String word : line.split(" ")) out.output(word);
    }
  }

  static class KeyAndValue extends DoFn<String, KV<String, Long>> {
    @ProcessElement
    public void process(@Element String line, OutputReceiver<KV<String, Long>> out) {
      if (isHeader(line)) return;
      int comma = line.indexOf(',');
      out.output(KV.of(line.substring(0, comma), Long.parseLong(line.substring(comma + 1))));
    }
  }

  static class Median extends DoFn<KV<String, Iterable<Long>>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<String, Iterable<Long>> group, OutputReceiver<KV<String, Long>> out) {
      List<Long> values = new ArrayList<>();
      for (Long value : group.getValue()) values.add(value);
      Collections.sort(values);
      out.output(KV.of(group.getKey(), values.get(values.size() / 2)));
    }
  }

  static class UserAndCity extends DoFn<String, KV<String, String>> {
    @ProcessElement
    public void process(@Element String line, OutputReceiver<KV<String, String>> out) {
      if (isHeader(line)) return;
      String[] fields = line.split(",");
      out.output(KV.of(fields[0], fields[2]));
    }
  }

  static class UserAndAmount extends DoFn<String, KV<String, Long>> {
    @ProcessElement
    public void process(@Element String line, OutputReceiver<KV<String, Long>> out) {
      if (isHeader(line)) return;
      String[] fields = line.split(",");
      out.output(KV.of(fields[0], Long.parseLong(fields[2])));
    }
  }

  static class Pairs extends DoFn<KV<String, CoGbkResult>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<String, CoGbkResult> group, OutputReceiver<KV<String, Long>> out) {
      for (String city : group.getValue().getAll(CITIES)) {
        for (Long amount : group.getValue().getAll(AMOUNTS)) out.output(KV.of(city, amount));
      }
    }
  }

  static class Pair extends DoFn<Long, KV<String, Long>> {
    @ProcessElement
    public void process(@Element Long i, OutputReceiver<KV<String, Long>> out) {
      out.output(KV.of("u" + i % 1000, i));
    }
  }

  static class Triple extends DoFn<KV<String, Long>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<String, Long> pair, OutputReceiver<KV<String, Long>> out) {
      out.output(KV.of(pair.getKey(), pair.getValue() * 3 + 1));
    }
  }

  static class Flip extends DoFn<KV<String, Long>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<String, Long> pair, OutputReceiver<KV<String, Long>> out) {
      out.output(KV.of(pair.getKey(), pair.getValue() ^ 5));
    }
  }

  static class NotBySeven extends DoFn<KV<String, Long>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<String, Long> pair, OutputReceiver<KV<String, Long>> out) {
      if (pair.getValue() % 7 != 0) out.output(pair);
    }
  }

  static class Consume extends DoFn<KV<String, Long>, Void> {
    @ProcessElement
    public void process(@Element KV<String, Long> pair) {
      GROUPS.inc(pair.getKey().length());
      TOTAL.inc(pair.getValue() & 1023);
    }
  }

  static class Event extends DoFn<String, String> {
    @ProcessElement
    public void process(@Element String line, OutputReceiver<String> out) {
      if (isHeader(line)) return;
      int comma = line.indexOf(',');
      Instant time = new Instant(Long.parseLong(line.substring(0, comma)));
      out.outputWithTimestamp(line.substring(comma + 1), time);
    }
  }

  static PCollection<String> lines(Pipeline p, String path) {
    return p.apply("Read " + path, TextIO.read().from(path));
  }

  static void build(Pipeline p, String workload, String data, long elements) {
    switch (workload) {
      case "W1":
        lines(p, data + "/text.txt").apply(ParDo.of(new Words())).apply(Count.perElement()).apply(ParDo.of(new Digest()));
        break;
      case "W2":
        lines(p, data + "/kv.csv")
            .apply(ParDo.of(new KeyAndValue())).apply(Sum.longsPerKey()).apply(ParDo.of(new Digest()));
        break;
      case "W3":
        lines(p, data + "/kv.csv")
            .apply(ParDo.of(new KeyAndValue()))
            .apply(GroupByKey.create())
            .apply(ParDo.of(new Median()))
            .apply(ParDo.of(new Digest()));
        break;
      case "W4": {
        PCollection<KV<String, String>> cities = lines(p, data + "/users.csv").apply(ParDo.of(new UserAndCity()));
        PCollection<KV<String, Long>> amounts = lines(p, data + "/orders.csv").apply(ParDo.of(new UserAndAmount()));
        KeyedPCollectionTuple.of(CITIES, cities)
            .and(AMOUNTS, amounts)
            .apply(CoGroupByKey.create())
            .apply(ParDo.of(new Pairs()))
            .apply(Sum.longsPerKey())
            .apply(ParDo.of(new Digest()));
        break;
      }
      case "W5":
        p.apply(GenerateSequence.from(0).to(elements))
            .apply(ParDo.of(new Pair()))
            .apply(ParDo.of(new Triple()))
            .apply(ParDo.of(new Flip()))
            .apply(ParDo.of(new NotBySeven()))
            .apply(ParDo.of(new Consume()));
        break;
      case "W6":
        lines(p, data + "/events.csv")
            .apply(ParDo.of(new Event()))
            .apply(Window.into(FixedWindows.of(Duration.standardSeconds(60))))
            .apply(Count.perElement())
            .apply(ParDo.of(new Digest()));
        break;
      default:
        throw new IllegalArgumentException(workload);
    }
  }

  public static void main(String[] arguments) {
    String[] options = Arrays.copyOfRange(arguments, 3, arguments.length);
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.fromArgs(options).create());
    build(pipeline, arguments[0], arguments[1], Long.parseLong(arguments[2]));
    long start = System.nanoTime();
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    double seconds = (System.nanoTime() - start) / 1e9;
    long groups = 0;
    long total = 0;
    for (MetricResult<Long> counter : result.metrics().queryMetrics(MetricsFilter.builder().build()).getCounters()) {
      if (!counter.getName().getNamespace().equals("bench")) continue;
      if (counter.getName().getName().equals("groups")) groups = counter.getAttempted();
      else total = counter.getAttempted();
    }
    System.out.printf(Locale.ROOT, "%n{\"seconds\": %.6f, \"answer\": [%d, %d]}%n", seconds, groups, total);
    System.exit(0);
  }
}
