import { anyText } from '../scalars'
import { CHECK_INPUTS } from './check'
import { DEPLOYER_INPUTS } from './deployer'
import { DESTROY_INPUTS } from './destroy'
import type { Input } from './input'
import {
  APPROVAL_INPUTS,
  AWS_INPUTS,
  CONNECT_INPUTS,
  EXPORT_INPUTS,
  FILE_INPUTS,
  PLAN_INPUTS,
  STATE_INPUTS,
  TERRAFORM_INPUTS,
  VALOHAI_INPUTS,
} from './run'
import { BUCKET_INPUTS, STORE_INPUTS } from './store'

export type { Input } from './input'

const TABLE = {
  command: {
    description: 'What to do.',
    default: 'apply',
    // Which commands there are is theirs to say, see `parseRequest`.
    parser: anyText,
  },
  ...BUCKET_INPUTS,
  ...VALOHAI_INPUTS,
  ...STORE_INPUTS,
  ...AWS_INPUTS,
  ...STATE_INPUTS,
  ...TERRAFORM_INPUTS,
  ...FILE_INPUTS,
  ...EXPORT_INPUTS,
  ...CONNECT_INPUTS,
  ...APPROVAL_INPUTS,
  ...PLAN_INPUTS,
  ...CHECK_INPUTS,
  ...DESTROY_INPUTS,
  ...DEPLOYER_INPUTS,
} as const satisfies Readonly<Record<string, Input>>

type Table = typeof TABLE

export type InputName = keyof Table

type Meaning<Row> = Row extends Pick<Input<infer T>, 'parser'> ? T : never
/** Inputs that always have a value: a command without them is refused, or something stands for them. */
type Certain = keyof typeof BUCKET_INPUTS | NamesWith<'default'> | NamesWith<'fallback'>
type NamesWith<Property extends keyof Input> = {
  [Name in InputName]: Table[Name] extends Readonly<Record<Property, unknown>> ? Name : never
}[InputName]

/** What each input means, by its name, once all of them were found to be right. */
export type InputValues = {
  readonly [Name in InputName]: Meaning<Table[Name]> | (Name extends Certain ? never : undefined)
}

/** Every input there is, in the order people meet them. Reading, help and documents all use this table. */
export const INPUTS: Readonly<Record<InputName, Input>> = TABLE

/** The names of some inputs, in their table's order. */
export const namesOf = <const Rows extends object>(rows: Rows): readonly (keyof Rows)[] =>
  Object.keys(rows) as (keyof Rows)[]

/** The names of all inputs, in the table's order. */
export const INPUT_NAMES: readonly InputName[] = namesOf(TABLE)

/** The names of inputs that commands take together. */
export const VALOHAI = namesOf(VALOHAI_INPUTS)
export const STORE = namesOf(STORE_INPUTS)
export const AWS = namesOf(AWS_INPUTS)
export const STATE = namesOf(STATE_INPUTS)
export const TERRAFORM = namesOf(TERRAFORM_INPUTS)
export const FILES = namesOf(FILE_INPUTS)
export const EXPORT = namesOf(EXPORT_INPUTS)
export const APPROVAL = namesOf(APPROVAL_INPUTS)
export const PLAN = namesOf(PLAN_INPUTS)
export const CHECK = namesOf(CHECK_INPUTS)
export const DESTROY = namesOf(DESTROY_INPUTS)
export const DEPLOYER = namesOf(DEPLOYER_INPUTS)
