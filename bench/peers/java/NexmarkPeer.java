import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.PipelineResult;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.coders.ListCoder;
import org.apache.beam.sdk.coders.KvCoder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.io.Read;
import org.apache.beam.sdk.io.UnboundedSource;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.MetricResult;
import org.apache.beam.sdk.metrics.Metrics;
import org.apache.beam.sdk.metrics.MetricsFilter;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Combine;
import org.apache.beam.sdk.transforms.Count;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.SerializableFunction;
import org.apache.beam.sdk.transforms.Filter;
import org.apache.beam.sdk.transforms.join.CoGbkResult;
import org.apache.beam.sdk.transforms.join.CoGroupByKey;
import org.apache.beam.sdk.transforms.join.KeyedPCollectionTuple;
import org.apache.beam.sdk.transforms.windowing.BoundedWindow;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.Window;
import org.apache.beam.sdk.values.KV;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.TupleTag;
import org.joda.time.Duration;
import org.joda.time.Instant;

/** Nexmark queries in Beam's Java SDK, over the events of examples/nexmark. Arguments: QUERY EVENTS [pipeline options]. */
public class NexmarkPeer {
  static final Counter OUTPUTS = Metrics.counter("bench", "outputs");
  static final Counter TIMES = Metrics.counter("bench", "times");
  static final long START = 1767225600000L;
  static final long RATE = 10_000;
  static final int PERSON = 0;
  static final int AUCTION = 1;
  static final int BID = 2;
  static final TupleTag<Event> PEOPLE = new TupleTag<>();
  static final TupleTag<Event> AUCTIONS = new TupleTag<>();

  /** Any of the three kinds; fields that a kind lacks are 0 or null. */
  static class Event implements Serializable {
    int kind;
    long id;
    long at;
    String name;
    String city;
    String state;
    long seller;
    int category;
    long reserve;
    long expires;
    long bidder;
    long price;
  }

  static class EventCoder extends CustomCoder<Event> {
    @Override
    public void encode(Event event, OutputStream stream) throws IOException {
      DataOutputStream out = new DataOutputStream(stream);
      out.writeByte(event.kind);
      out.writeLong(event.id);
      out.writeLong(event.at);
      switch (event.kind) {
        case PERSON:
          out.writeUTF(event.name);
          out.writeUTF(event.city);
          out.writeUTF(event.state);
          break;
        case AUCTION:
          out.writeUTF(event.name);
          out.writeLong(event.seller);
          out.writeInt(event.category);
          out.writeLong(event.reserve);
          out.writeLong(event.expires);
          break;
        default:
          out.writeLong(event.bidder);
          out.writeLong(event.price);
      }
    }

    @Override
    public Event decode(InputStream stream) throws IOException {
      DataInputStream in = new DataInputStream(stream);
      Event event = new Event();
      event.kind = in.readByte();
      event.id = in.readLong();
      event.at = in.readLong();
      switch (event.kind) {
        case PERSON:
          event.name = in.readUTF();
          event.city = in.readUTF();
          event.state = in.readUTF();
          break;
        case AUCTION:
          event.name = in.readUTF();
          event.seller = in.readLong();
          event.category = in.readInt();
          event.reserve = in.readLong();
          event.expires = in.readLong();
          break;
        default:
          event.bidder = in.readLong();
          event.price = in.readLong();
      }
      return event;
    }

    @Override
    public void verifyDeterministic() {}
  }

  // The generator of examples/nexmark/generator.ts.

  static final String[] STATES = {"AZ", "CA", "ID", "OR", "WA", "WY"};
  static final String[] CITIES = {
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"
  };
  static final String[] FIRST_NAMES = {
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"
  };
  static final String[] LAST_NAMES = {"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
  static final String[] ITEMS = {"lamp", "chair", "book", "clock", "vase", "radio", "bike", "coat", "violin", "camera"};

  static Event eventAt(long n) {
    long epoch = n / 50;
    int offset = (int) (n - epoch * 50);
    Event event = new Event();
    event.at = START + n * 1000 / RATE;
    long random = mix(n);
    long auctions = epoch * 3;
    if (offset == 0) {
      event.kind = PERSON;
      event.id = 1000 + epoch;
      event.name = FIRST_NAMES[(int) (random % FIRST_NAMES.length)] + " " + LAST_NAMES[(int) ((random >>> 8) % LAST_NAMES.length)];
      event.city = CITIES[(int) ((random >>> 12) % CITIES.length)];
      event.state = STATES[(int) ((random >>> 16) % STATES.length)];
    } else if (offset <= 3) {
      long most = (long) Math.ceil((100.0 * 50 * 1000) / (3.0 * RATE));
      event.kind = AUCTION;
      event.id = 1000 + auctions + offset - 1;
      event.seller = 1000 + recent(epoch, random, 4, 1000);
      event.category = 10 + (int) ((random >>> 10) % 5);
      event.name = ITEMS[(int) ((random >>> 14) % ITEMS.length)];
      event.reserve = price(mix(n + 0x5bd1));
      event.expires = event.at + 1 + mix(n + 0x1b87) % Math.max(1, most);
    } else {
      event.kind = BID;
      event.id = 1000 + recent(auctions + 2, random, 2, 100);
      event.bidder = 1000 + recent(epoch, mix(n + 0x3c6e), 4, 1000);
      event.price = price(mix(n + 0x7f4a));
    }
    return event;
  }

  static long recent(long last, long random, int ratio, long active) {
    if (random % ratio > 0) return last / 100 * 100;
    long least = Math.max(0, last - active + 1);
    return least + (random >>> 3) % (last - least + 1);
  }

  static long price(long random) {
    return Math.round(Math.pow(10, (random % 6000) / 1000.0) * 100);
  }

  static long mix(long number) {
    int n = (int) number;
    int x = (n ^ (n >>> 16) ^ 0x2c1b3c6d) * 0x45d9f3b;
    x = (x ^ (x >>> 15)) * 0x297a2d39;
    return (x ^ (x >>> 15)) & 0xffffffffL;
  }

  static class Mark implements UnboundedSource.CheckpointMark, Serializable {
    final long next;

    Mark(long next) {
      this.next = next;
    }

    @Override
    public void finalizeCheckpoint() {}
  }

  static class MarkCoder extends CustomCoder<Mark> {
    @Override
    public void encode(Mark mark, OutputStream out) throws IOException {
      VarLongCoder.of().encode(mark.next, out);
    }

    @Override
    public Mark decode(InputStream in) throws IOException {
      return new Mark(VarLongCoder.of().decode(in));
    }
  }

  /** Every `stride`th event from `first` on. */
  static class Source extends UnboundedSource<Event, Mark> {
    final long first;
    final long stride;
    final long end;

    Source(long first, long stride, long end) {
      this.first = first;
      this.stride = stride;
      this.end = end;
    }

    @Override
    public List<Source> split(int desired, PipelineOptions options) {
      List<Source> splits = new ArrayList<>();
      for (int i = 0; i < desired; i++) splits.add(new Source(i, desired, end));
      return splits;
    }

    @Override
    public UnboundedReader<Event> createReader(PipelineOptions options, Mark mark) {
      return new EventReader(this, mark == null ? first : mark.next);
    }

    @Override
    public Coder<Mark> getCheckpointMarkCoder() {
      return new MarkCoder();
    }

    @Override
    public Coder<Event> getOutputCoder() {
      return new EventCoder();
    }
  }

  static class EventReader extends UnboundedSource.UnboundedReader<Event> {
    final Source source;
    long next;
    Event current;

    EventReader(Source source, long next) {
      this.source = source;
      this.next = next;
    }

    @Override
    public boolean start() {
      return advance();
    }

    @Override
    public boolean advance() {
      if (next >= source.end) return false;
      current = eventAt(next);
      next += source.stride;
      return true;
    }

    @Override
    public Event getCurrent() {
      return current;
    }

    @Override
    public Instant getCurrentTimestamp() {
      return new Instant(current.at);
    }

    @Override
    public Instant getWatermark() {
      if (next >= source.end) return BoundedWindow.TIMESTAMP_MAX_VALUE;
      return current == null ? BoundedWindow.TIMESTAMP_MIN_VALUE : new Instant(current.at);
    }

    @Override
    public UnboundedSource.CheckpointMark getCheckpointMark() {
      return new Mark(next);
    }

    @Override
    public UnboundedSource<Event, ?> getCurrentSource() {
      return source;
    }

    @Override
    public void close() {}
  }

  static class Sink<T> extends DoFn<T, Void> {
    @ProcessElement
    public void process(@Timestamp Instant time) {
      OUTPUTS.inc();
      TIMES.inc(time.getMillis() % 1000);
    }
  }

  static class PassThrough extends DoFn<Event, Event> {
    @ProcessElement
    public void process(@Element Event event, OutputReceiver<Event> out) {
      out.output(event);
    }
  }

  static class AuctionOf extends DoFn<Event, Long> {
    @ProcessElement
    public void process(@Element Event event, OutputReceiver<Long> out) {
      out.output(event.id);
    }
  }

  /** All pairs with the greatest number. */
  static class AllMost extends Combine.AccumulatingCombineFn<KV<Long, Long>, AllMost.Most, List<KV<Long, Long>>> {
    static class Most implements Combine.AccumulatingCombineFn.Accumulator<KV<Long, Long>, Most, List<KV<Long, Long>>>, Serializable {
      List<KV<Long, Long>> pairs = new ArrayList<>();

      @Override
      public void addInput(KV<Long, Long> pair) {
        long difference = pairs.isEmpty() ? 1 : pair.getValue() - pairs.get(0).getValue();
        if (difference > 0) pairs.clear();
        if (difference >= 0) pairs.add(pair);
      }

      @Override
      public void mergeAccumulator(Most other) {
        for (KV<Long, Long> pair : other.pairs) addInput(pair);
      }

      @Override
      public List<KV<Long, Long>> extractOutput() {
        return pairs;
      }
    }

    static class MostCoder extends CustomCoder<Most> {
      static final Coder<List<KV<Long, Long>>> LIST = ListCoder.of(KvCoder.of(VarLongCoder.of(), VarLongCoder.of()));

      @Override
      public void encode(Most most, OutputStream out) throws IOException {
        LIST.encode(most.pairs, out);
      }

      @Override
      public Most decode(InputStream in) throws IOException {
        Most most = new Most();
        most.pairs = new ArrayList<>(LIST.decode(in));
        return most;
      }
    }

    @Override
    public Most createAccumulator() {
      return new Most();
    }

    @Override
    public Coder<Most> getAccumulatorCoder(org.apache.beam.sdk.coders.CoderRegistry registry, Coder<KV<Long, Long>> input) {
      return new MostCoder();
    }
  }

  static class Hot extends DoFn<List<KV<Long, Long>>, KV<Long, Long>> {
    @ProcessElement
    public void process(@Element List<KV<Long, Long>> most, OutputReceiver<KV<Long, Long>> out) {
      for (KV<Long, Long> pair : most) out.output(pair);
    }
  }

  static class By extends DoFn<Event, KV<Long, Event>> {
    final boolean seller;

    By(boolean seller) {
      this.seller = seller;
    }

    @ProcessElement
    public void process(@Element Event event, OutputReceiver<KV<Long, Event>> out) {
      out.output(KV.of(seller ? event.seller : event.id, event));
    }
  }

  static class Sellers extends DoFn<KV<Long, CoGbkResult>, KV<String, Long>> {
    @ProcessElement
    public void process(@Element KV<Long, CoGbkResult> group, OutputReceiver<KV<String, Long>> out) {
      for (Event person : group.getValue().getAll(PEOPLE)) {
        for (Event auction : group.getValue().getAll(AUCTIONS)) out.output(KV.of(person.name, auction.reserve));
      }
    }
  }

  static SerializableFunction<Event, Boolean> is(int kind) {
    return event -> event.kind == kind;
  }

  static void build(PCollection<Event> events, String query) {
    switch (query) {
      case "q0":
        events.apply(ParDo.of(new PassThrough())).apply(ParDo.of(new Sink<>()));
        break;
      case "q5":
        events
            .apply(Filter.by(is(BID)))
            .apply(ParDo.of(new AuctionOf()))
            .apply(Window.into(SlidingWindows.of(Duration.standardSeconds(10)).every(Duration.standardSeconds(5))))
            .apply(Count.perElement())
            .apply(Combine.globally(new AllMost()).withoutDefaults())
            .apply(ParDo.of(new Hot()))
            .apply(ParDo.of(new Sink<>()));
        break;
      case "q8": {
        PCollection<Event> windowed = events.apply(Window.into(FixedWindows.of(Duration.standardSeconds(10))));
        PCollection<KV<Long, Event>> people = windowed.apply("People", Filter.by(is(PERSON))).apply("Id", ParDo.of(new By(false)));
        PCollection<KV<Long, Event>> auctions =
            windowed.apply("Auctions", Filter.by(is(AUCTION))).apply("Seller", ParDo.of(new By(true)));
        for (PCollection<KV<Long, Event>> each : Arrays.asList(people, auctions)) {
          each.setCoder(KvCoder.of(VarLongCoder.of(), new EventCoder()));
        }
        KeyedPCollectionTuple.of(PEOPLE, people)
            .and(AUCTIONS, auctions)
            .apply(CoGroupByKey.create())
            .apply(ParDo.of(new Sellers()))
            .apply(ParDo.of(new Sink<>()));
        break;
      }
      default:
        throw new IllegalArgumentException(query);
    }
  }

  public static void main(String[] arguments) {
    String[] options = Arrays.copyOfRange(arguments, 2, arguments.length);
    Pipeline pipeline = Pipeline.create(PipelineOptionsFactory.fromArgs(options).create());
    pipeline.getCoderRegistry().registerCoderForClass(Event.class, new EventCoder());
    build(pipeline.apply(Read.from(new Source(0, 1, Long.parseLong(arguments[1])))), arguments[0]);
    long start = System.nanoTime();
    PipelineResult result = pipeline.run();
    result.waitUntilFinish();
    double seconds = (System.nanoTime() - start) / 1e9;
    long outputs = 0;
    long times = 0;
    for (MetricResult<Long> counter : result.metrics().queryMetrics(MetricsFilter.builder().build()).getCounters()) {
      if (!counter.getName().getNamespace().equals("bench")) continue;
      if (counter.getName().getName().equals("outputs")) outputs = counter.getAttempted();
      else times = counter.getAttempted();
    }
    System.out.printf(Locale.ROOT, "%n{\"seconds\": %.6f, \"answer\": [%d, %d]}%n", seconds, outputs, times);
    System.exit(0);
  }
}
