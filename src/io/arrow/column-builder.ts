import type * as A from 'apache-arrow';
import { PipelineError } from '../../sdk/index.ts';
import type { ColumnBuilder } from './builder.ts';
import { converterOf } from './column-values.ts';
import {
  BoolBuilder,
  BytesBuilder,
  FixedBytesBuilder,
  NumberBuilder,
  TextBuilder,
  WordsBuilder,
} from './flat-builders.ts';
import { arrow } from './load-arrow.ts';
import { ListBuilder, MapBuilder, StructBuilder } from './nested-builders.ts';

/**
 * A builder for the type of a field.
 *
 * @throws PipelineError `SCHEMA_UNSUPPORTED` when values of the type cannot be built from rows
 */
export function columnBuilder(field: A.Field, path: string): ColumnBuilder {
  const { DataType } = arrow();
  const { type, nullable } = field;
  const column = { type, nullable, path };
  if (DataType.isUtf8(type)) return new TextBuilder(column);
  if (DataType.isBinary(type)) return new BytesBuilder(column);
  if (DataType.isFixedSizeBinary(type)) return new FixedBytesBuilder(column, type.byteWidth);
  if (DataType.isBool(type)) return new BoolBuilder(column);
  if (DataType.isDecimal(type)) return new WordsBuilder(column, converterOf(type, path));
  if (DataType.isList(type)) return new ListBuilder(column, columnBuilder(type.children[0], `${path}[]`));
  if (DataType.isStruct(type)) {
    return new StructBuilder(
      column,
      type.children.map((child) => columnBuilder(child, `${path}.${child.name}`)),
    );
  }
  if (DataType.isMap(type)) {
    const [key, value] = (type.children[0].type as A.Struct).children;
    return new MapBuilder(column, columnBuilder(key, `${path}.key`), columnBuilder(value, `${path}.value`));
  }
  if (
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isDate(type) ||
    DataType.isTime(type) ||
    DataType.isTimestamp(type) ||
    DataType.isDuration(type)
  ) {
    return new NumberBuilder(column, converterOf(type, path));
  }
  throw new PipelineError(
    'SCHEMA_UNSUPPORTED',
    `Column '${path}' has the Arrow type ${String(type)}, which rows cannot be written as`,
  );
}
