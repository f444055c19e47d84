"""Writes the Arrow files of this folder and the Parquet files beside it with pyarrow 26: python generate.py"""
import base64, datetime, decimal, json
import pyarrow as pa, pyarrow.ipc as ipc, pyarrow.parquet as pq

UTC = datetime.timezone.utc
LONGS = [0, -1, 2**53 + 1, 2**63 - 1, -2**63]
STRINGS = ['', 'ascii', 'Ünïcödé', '日本語', '😀', 'a' * 40]
POINT = pa.struct([('x', pa.float64()), ('label', pa.string())])
SCHEMA = pa.schema([
    ('bool', pa.bool_()), ('int8', pa.int8()), ('uint16', pa.uint16()), ('int32', pa.int32()), ('int64', pa.int64()),
    ('uint64', pa.uint64()), ('float', pa.float32()), ('double', pa.float64()), ('string', pa.string()),
    ('bytes', pa.binary()), ('fixed', pa.binary(3)), ('date', pa.date32()), ('millis', pa.timestamp('ms', 'UTC')),
    ('micros', pa.timestamp('us', 'UTC')), ('nanos', pa.timestamp('ns')), ('decimal', pa.decimal128(20, 3)),
    ('list', pa.list_(pa.int64())), ('struct', POINT), ('map', pa.map_(pa.string(), pa.int32())),
    ('points', pa.list_(POINT)), ('dictionary', pa.dictionary(pa.int32(), pa.string())),
])
IN_ARROW_ONLY = [('half', pa.float16()), ('large', pa.large_string()), ('view', pa.string_view()), ('pair', pa.list_(pa.int16(), 2)), ('time', pa.time64('us'))]


def row(i):
    def nullable(k, v): return None if i % 7 == k else v
    epoch = datetime.datetime(1970, 1, 1, tzinfo=UTC)
    return {
        'bool': nullable(0, i % 3 == 0), 'int8': nullable(1, i - 50), 'uint16': 65535 - i, 'int32': (-1) ** i * i * 1000003,
        'int64': nullable(2, LONGS[i % 5]), 'uint64': 2**64 - 1 - i, 'float': nullable(3, (i - 5) / 8), 'double': nullable(4, i * 1e300 if i % 5 else -0.0),
        'string': nullable(5, STRINGS[i % 6]), 'bytes': nullable(6, bytes((i * k) % 256 for k in range(i % 5))), 'fixed': bytes([i, 0, 255]),
        'date': nullable(0, datetime.date(1969, 12, 30) + datetime.timedelta(days=i * 31)),
        'millis': nullable(1, epoch + datetime.timedelta(milliseconds=(i - 3) * 86_400_001)),
        'micros': nullable(2, epoch + datetime.timedelta(microseconds=(i - 3) * 86_400_000_001)), 'nanos': (i - 3) * 1_000_000_007,
        'decimal': nullable(3, decimal.Decimal((i - 4) * 12345678901).scaleb(-3)), 'list': nullable(4, [None if k == 1 else k for k in range(i % 4)]),
        'struct': nullable(5, {'x': None if i % 2 else i / 2, 'label': STRINGS[i % 6]}), 'map': nullable(6, [(STRINGS[k], k if k % 2 else None) for k in range(i % 4)]),
        'points': [{'x': float(k), 'label': None} for k in range(i % 3)], 'dictionary': nullable(0, ['red', 'green', 'blue'][i % 3]),
        'half': i / 4, 'large': STRINGS[i % 6], 'view': STRINGS[i % 6], 'pair': [i, -i], 'time': i * 1_000_001,
    }


def plain(v, t):
    """What JSON lacks, as {tag: text}."""
    if v is None or isinstance(v, (bool, str)): return v
    if pa.types.is_int64(t) or pa.types.is_uint64(t) or pa.types.is_time64(t): return {'long': str(v)}
    if pa.types.is_integer(t): return v
    if pa.types.is_floating(t): return {'double': repr(float(v))}
    if pa.types.is_date(t): return {'date': v.isoformat()}
    if pa.types.is_decimal(t): return {'decimal': f'{v:f}'}
    if pa.types.is_timestamp(t):
        if isinstance(v, int): return {'long': str(v)}
        micros = (v - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(microseconds=1)
        return micros // 1000 if t.unit == 'ms' else {'long': str(micros)}
    if isinstance(v, bytes): return {'bytes': base64.b64encode(v).decode()}
    if pa.types.is_map(t): return {'map': [[k, plain(x, t.item_type)] for k, x in v]}
    if pa.types.is_struct(t): return {'struct': {f.name: plain(v[f.name], f.type) for f in t}}
    return [plain(x, t.value_type) for x in v]


rows = [row(i) for i in range(40)]
full = pa.schema(list(SCHEMA) + [pa.field(n, t) for n, t in IN_ARROW_ONLY])


def table(schema):
    return pa.table([pa.array([r[f.name] for r in rows], f.type) for f in schema], schema=schema)


def batches(schema):
    return table(schema).to_batches(max_chunksize=15)


for name, codec in [('plain', None), ('lz4', 'lz4'), ('zstd', 'zstd')]:
    with ipc.new_file(f'types-{name}.arrow', full, options=ipc.IpcWriteOptions(compression=codec)) as w:
        for b in batches(full): w.write_batch(b)
with ipc.new_stream('types.arrows', full) as w:
    for b in batches(full): w.write_batch(b)
for codec in ['none', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4']:
    pq.write_table(table(SCHEMA), f'../parquet/types-{codec}.parquet', compression=codec, row_group_size=15)
with open('types.json', 'w') as f:
    json.dump([{c.name: plain(r[c.name], c.type) for c in full} for r in rows], f, ensure_ascii=False, separators=(',', ':'))
