#!/usr/bin/env python3
"""Writes the facts of the published Beam, TensorFlow and Protocol Buffers protos as a compact table.

The table is what test/golden/beam-model.txt holds and proto/ is compared with. The descriptors are read out of the
published packages as protoc compiled them, without running anything of those packages:

    python3 -m venv venv && venv/bin/pip install protobuf
    venv/bin/pip download --no-deps apache-beam==2.77.0 protobuf==6.33.0
    mvn dependency:copy -Dartifact=org.tensorflow:proto:1.15.0 -DoutputDirectory=.
    venv/bin/python scripts/extract-model-facts.py *.whl proto-1.15.0.jar > test/golden/beam-model.txt

A wheel holds each descriptor in a *_pb2.py, a jar (Beam's beam-model-* jars too) in a generated class. Descriptions of
metrics are left out: they are prose, not facts.
"""

import ast
import os
import struct
import sys
import zipfile

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

BEAM = 'org/apache/beam/model/'
FILES = [
    BEAM + 'pipeline/v1/beam_runner_api.proto',
    BEAM + 'pipeline/v1/endpoints.proto',
    BEAM + 'pipeline/v1/external_transforms.proto',
    BEAM + 'pipeline/v1/metrics.proto',
    BEAM + 'pipeline/v1/schema.proto',
    BEAM + 'pipeline/v1/standard_window_fns.proto',
    BEAM + 'fn_execution/v1/beam_fn_api.proto',
    BEAM + 'fn_execution/v1/beam_provision_api.proto',
    BEAM + 'job_management/v1/beam_artifact_api.proto',
    BEAM + 'job_management/v1/beam_expansion_api.proto',
    BEAM + 'job_management/v1/beam_job_api.proto',
    'google/protobuf/duration.proto',
    'google/protobuf/struct.proto',
    'google/protobuf/timestamp.proto',
    'tensorflow/core/example/example.proto',
    'tensorflow/core/example/feature.proto',
]

# Extensions of EnumValueOptions, by number; read as unknown fields so that nothing of Beam has to be imported.
BEAM_URN, BEAM_CONSTANT, LABEL_PROPS, MONITORING_INFO_SPEC = 185324356, 185324357, 127337796, 207174266

Field = descriptor_pb2.FieldDescriptorProto


def wheel_descriptors(archive, name):
    """The argument of AddSerializedFile in a generated Python module."""
    for node in ast.walk(ast.parse(archive.read(name))):
        if isinstance(node, ast.Call) and getattr(node.func, 'attr', '') == 'AddSerializedFile':
            yield ast.literal_eval(node.args[0])


def jar_descriptors(archive, name):
    """The string constants of a generated class which, joined in their order, are a descriptor."""
    pending = b''
    for constant in utf8_constants(archive.read(name)):
        if not pending and not constant.startswith('\n'):
            continue
        pending += constant.encode('latin-1')
        try:
            file = descriptor_pb2.FileDescriptorProto.FromString(pending)
        except DecodeError:
            continue
        if file.name.endswith('.proto') and file.message_type:
            yield pending
        pending = b''


def utf8_constants(data):
    """The constant pool's strings that hold only characters below 256."""
    sizes = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
    (count,), at, index = struct.unpack_from('>H', data, 8), 10, 1
    while index < count:
        tag = data[at]
        at += 1
        if tag == 1:
            (length,) = struct.unpack_from('>H', data, at)
            # Java writes U+0000 as two bytes.
            text = data[at + 2:at + 2 + length].replace(b'\xc0\x80', b'\0').decode('utf-8', 'replace')
            if all(ord(c) < 256 for c in text):
                yield text
            at += 2 + length
        else:
            at += sizes[tag]
            index += tag in (5, 6)
        index += 1


def read_files(paths):
    files = {}
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith('_pb2.py'):
                    found = wheel_descriptors(archive, name)
                elif name.endswith('.class') and '$' not in name:
                    found = jar_descriptors(archive, name)
                else:
                    continue
                for serialized in found:
                    file = descriptor_pb2.FileDescriptorProto.FromString(serialized)
                    if file.name in FILES:
                        files[file.name] = file
    missing = [name for name in FILES if name not in files]
    if missing:
        sys.exit('not found in the archives: ' + ', '.join(missing))
    return [files[name] for name in FILES]


def length_delimited(data):
    """(number, bytes) of each field of a message that has only length-delimited ones."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        assert key & 7 == 2, 'an option that is neither a string nor a message'
        length = varint()
        found.append((key >> 3, data[at:at + length]))
        at += length
    return found


def value_options(value):
    facts = []
    for number, data in length_delimited(value.options.SerializeToString()):
        if number == BEAM_URN:
            facts.append('urn=' + data.decode())
        elif number == BEAM_CONSTANT:
            facts.append('constant=' + data.decode())
        elif number == LABEL_PROPS:
            facts.append('label=' + dict(length_delimited(data))[1].decode())
        elif number == MONITORING_INFO_SPEC:
            spec = length_delimited(data)
            text = {number: text.decode() for number, text in spec if number < 3}
            labels = [text.decode() for number, text in spec if number == 3]
            facts += ['urn=' + text[1], 'type=' + text[2], 'labels=' + ','.join(labels)]
            for number, annotation in spec:
                if number == 4:
                    note = {number: text.decode() for number, text in length_delimited(annotation)}
                    if note[1] != 'description':
                        facts.append(note[1] + '=' + note[2])
        else:
            sys.exit(f'unknown option {number} of {value.name}')
    return facts


class Table:
    def __init__(self):
        self.lines = []
        self.package = ''

    def relative(self, name):
        own = '.' + self.package + '.'
        return name[len(own):] if name.startswith(own) else name

    def type_name(self, field):
        if field.type == Field.TYPE_ENUM:
            return 'enum:' + self.relative(field.type_name)
        return self.relative(field.type_name) or Field.Type.Name(field.type)[5:].lower()

    def file(self, file):
        if file.package != self.package:
            self.package = file.package
            self.lines.append('package ' + file.package)
        assert file.syntax == 'proto3', file.name
        for extension in file.extension:
            self.lines.append(f'extend {extension.extendee} {extension.number} {extension.name} '
                              f'{self.type_name(extension)}')
        for service in file.service:
            self.lines.append('service ' + service.name)
            for method in service.method:
                sides = [(method.client_streaming, method.input_type), (method.server_streaming, method.output_type)]
                texts = [('stream:' if streams else '') + self.relative(name) for streams, name in sides]
                self.lines.append(f'  {method.name} {" ".join(texts)}')
        for enum in file.enum_type:
            self.enum(enum, '')
        for message in file.message_type:
            self.message(message, '')

    def message(self, message, scope):
        name = scope + message.name
        self.lines.append('message ' + name)
        entries = {f'.{self.package}.{name}.{nested.name}': nested
                   for nested in message.nested_type if nested.options.map_entry}
        for field in sorted(message.field, key=lambda field: field.number):
            entry = entries.get(field.type_name)
            if entry is not None:
                key, value = sorted(entry.field, key=lambda field: field.number)
                words = [f'map<{self.type_name(key)},{self.type_name(value)}>']
            elif field.label == Field.LABEL_REPEATED:
                words = ['repeated', self.type_name(field)]
            elif field.proto3_optional:
                words = ['optional', self.type_name(field)]
            else:
                words = [self.type_name(field)]
            if field.HasField('oneof_index') and not field.proto3_optional:
                words.append('oneof:' + message.oneof_decl[field.oneof_index].name)
            self.lines.append(f'  {field.number} {field.name} {" ".join(words)}')
        self.reserved([(r.start, r.end - 1) for r in message.reserved_range], message.reserved_name)
        for enum in message.enum_type:
            self.enum(enum, name + '.')
        for nested in message.nested_type:
            if not nested.options.map_entry:
                self.message(nested, name + '.')

    def enum(self, enum, scope):
        self.lines.append('enum ' + scope + enum.name)
        for value in sorted(enum.value, key=lambda value: value.number):
            self.lines.append(' '.join([f'  {value.number} {value.name}'] + value_options(value)))
        self.reserved([(r.start, r.end) for r in enum.reserved_range], enum.reserved_name)

    def reserved(self, ranges, names):
        words = [str(a) if a == b else f'{a}-{b}' for a, b in sorted(ranges)] + sorted(names)
        if words:
            self.lines.append('  reserved ' + ' '.join(words))


def main(paths):
    if not paths:
        sys.exit(__doc__)
    table = Table()
    for file in read_files(paths):
        table.file(file)
    print('# What the published protos say. Made by scripts/extract-model-facts.py from:')
    for path in paths:
        print('#   ' + os.path.basename(path))
    print('\n'.join(table.lines))


main(sys.argv[1:])
