"""Writes the Avro files of this folder with fastavro 1.13 (needs cramjam and backports.zstd): python generate.py"""
import base64, datetime, decimal, json, uuid
import fastavro

SCHEMA = {
    'type': 'record', 'name': 'Everything', 'namespace': 'golden', 'fields': [
        {'name': 'null', 'type': 'null'},
        {'name': 'boolean', 'type': 'boolean'},
        {'name': 'int', 'type': 'int'},
        {'name': 'long', 'type': 'long'},
        {'name': 'float', 'type': 'float'},
        {'name': 'double', 'type': 'double'},
        {'name': 'bytes', 'type': 'bytes'},
        {'name': 'string', 'type': 'string'},
        {'name': 'fixed', 'type': {'type': 'fixed', 'name': 'Four', 'size': 4}},
        {'name': 'enum', 'type': {'type': 'enum', 'name': 'Suit', 'symbols': ['CLUBS', 'HEARTS', 'SPADES']}},
        {'name': 'array', 'type': {'type': 'array', 'items': 'long'}},
        {'name': 'map', 'type': {'type': 'map', 'values': 'double'}},
        {'name': 'optional', 'type': ['null', 'string']},
        {'name': 'union', 'type': ['int', 'string', 'Four', {'type': 'array', 'items': 'Suit'}]},
        {'name': 'nested', 'type': {'type': 'record', 'name': 'Node', 'fields': [
            {'name': 'label', 'type': 'string'}, {'name': 'next', 'type': ['null', 'Node']}]}},
        {'name': 'date', 'type': {'type': 'int', 'logicalType': 'date'}},
        {'name': 'time_millis', 'type': {'type': 'int', 'logicalType': 'time-millis'}},
        {'name': 'timestamp_millis', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'}},
        {'name': 'timestamp_micros', 'type': {'type': 'long', 'logicalType': 'timestamp-micros'}},
        {'name': 'decimal', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 20, 'scale': 2}},
        {'name': 'decimal_fixed', 'type': {'type': 'fixed', 'name': 'Money', 'size': 8, 'logicalType': 'decimal', 'precision': 16, 'scale': 3}},
        {'name': 'uuid', 'type': {'type': 'string', 'logicalType': 'uuid'}},
    ]}
LONGS = [0, -1, 63, -64, 64, 2**31, -2**31, 2**53, -2**53 - 1, 2**63 - 1, -2**63]
DOUBLES = [0.0, -0.0, 1.5, float('inf'), float('-inf'), 5e-324, 1.7976931348623157e308]
STRINGS = ['', 'ascii', 'Ünïcödé', '日本語', '😀', 'a' * 200]
UTC = datetime.timezone.utc


def row(i):
    unions = [i, STRINGS[i % 6], bytes([i % 256] * 4), ['HEARTS', 'CLUBS']]
    return {
        'null': None, 'boolean': i % 3 == 0, 'int': (-1) ** i * (i * 7919 % 2**31), 'long': LONGS[i % len(LONGS)],
        'float': (i - 50) / 8, 'double': DOUBLES[i % len(DOUBLES)], 'bytes': bytes((i * k) % 256 for k in range(i % 9)),
        'string': STRINGS[i % 6], 'fixed': bytes([i % 256, 255, 0, 128]), 'enum': ['CLUBS', 'HEARTS', 'SPADES'][i % 3],
        'array': LONGS[: i % 5], 'map': {STRINGS[k]: float(k) for k in range(i % 4)},
        'optional': None if i % 2 else STRINGS[i % 6], 'union': unions[i % 4],
        'nested': {'label': 'a', 'next': {'label': str(i), 'next': None} if i % 2 else None},
        'date': datetime.date(1969, 12, 28) + datetime.timedelta(days=i * 97),
        'time_millis': (datetime.datetime.min + datetime.timedelta(milliseconds=i * 777_777)).time(),
        'timestamp_millis': datetime.datetime(1969, 12, 31, 23, 59, 59, 1000, UTC) + datetime.timedelta(milliseconds=i * 123_456_789),
        'timestamp_micros': datetime.datetime(1969, 12, 31, 23, 59, 59, 7, UTC) + datetime.timedelta(microseconds=i * 123_456_789),
        'decimal': decimal.Decimal((i - 5) * 12345678901) / 100, 'decimal_fixed': decimal.Decimal((i - 5) * 98765) / 1000,
        'uuid': uuid.UUID(int=i * 0x1234567890ABCDEF1234567),
    }


def plain(v):
    """Values that JSON lacks, as {tag: text}; longs as they are, and JavaScript must read them as bigints."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=UTC)
    if isinstance(v, bytes): return {'bytes': base64.b64encode(v).decode()}
    if isinstance(v, datetime.datetime): return {'micros': str((v - epoch) // datetime.timedelta(microseconds=1))}
    if isinstance(v, datetime.date): return {'date': v.isoformat()}
    if isinstance(v, datetime.time): return (v.hour * 3600 + v.minute * 60 + v.second) * 1000 + v.microsecond // 1000
    if isinstance(v, decimal.Decimal): return {'decimal': f'{v:f}'}
    if isinstance(v, uuid.UUID): return str(v)
    if isinstance(v, float): return {'double': repr(v)}
    if isinstance(v, bool) or v is None or isinstance(v, str): return v
    if isinstance(v, int): return {'long': str(v)}
    if isinstance(v, list): return [plain(x) for x in v]
    return {'record': {k: plain(x) for k, x in v.items()}}


rows = [row(i) for i in range(60)]
for codec in ['null', 'deflate', 'zstandard', 'snappy']:
    with open(f'everything-{codec}.avro', 'wb') as f:
        fastavro.writer(f, fastavro.parse_schema(SCHEMA), rows, codec=codec, sync_interval=2000, sync_marker=bytes(range(16)))
with open('everything.json', 'w') as f:
    json.dump({'schema': SCHEMA, 'rows': [plain(r)['record'] for r in rows]}, f, ensure_ascii=False, separators=(',', ':'))
