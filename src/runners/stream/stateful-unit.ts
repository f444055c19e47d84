import { ElementUnit } from './element-unit.ts';
export class StatefulUnit extends ElementUnit {}
