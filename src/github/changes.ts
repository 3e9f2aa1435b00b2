import { code, fence, fold, table, visible } from '../markdown/escape'
import { headOf, sizeOf, type Unit } from '../markdown/cut'
import type { AwsOutcome, Outcome, ValohaiOutcome } from '../decide/outcome'
import type { Action } from '../decide/plan'
import type { StoreField } from '../decide/store'
import type { Facts } from './facts'

/** More rows than this are no help to a reader, and could fill a comment. */
const MOST_ROWS = 40

interface Words {
  readonly sign: string
  readonly planned: string
  readonly done: string
}

const ACTIONS: Readonly<Record<Exclude<Action, 'read' | 'noop'>, Words>> = {
  create: { sign: '+', planned: 'create', done: 'created' },
  update: { sign: '~', planned: 'change', done: 'changed' },
  delete: { sign: '-', planned: 'destroy', done: 'destroyed' },
  replace: { sign: '-/+', planned: 'replace', done: 'replaced' },
  move: { sign: '', planned: 'move', done: 'moved' },
  import: { sign: '', planned: 'import', done: 'imported' },
  forget: { sign: '', planned: 'forget', done: 'forgotten' },
}

const STORE_ACTIONS: Readonly<
  Record<ValohaiOutcome['action'], Readonly<Record<'planned' | 'done' | 'cell', string>>>
> = {
  created: { planned: 'create the store', done: 'store created', cell: 'create' },
  updated: { planned: 'update the store', done: 'store updated', cell: 'update' },
  unchanged: { planned: 'store unchanged', done: 'store unchanged', cell: 'unchanged' },
  deleted: { planned: 'delete the store', done: 'store deleted', cell: 'delete' },
}

const FIELDS: Readonly<Record<StoreField, string>> = {
  name: 'name',
  access_mode: 'who may use it',
  bucket: 'bucket',
  region: 'region',
  multipart_upload_iam_role: 'role for outputs over 5 GB',
  kms_key_arn: 'KMS key',
}

/** What changes, or was changed, in one line of Markdown: the counts of AWS, then Valohai. */
export function countsLine({ isDone, changes, aws, valohai, waits }: Outcome): string {
  const waiting = waits.length === 0 ? '' : ' Something **waits**.'
  if (!changes) return `**No changes**${valohai ? ', neither in AWS nor in Valohai.' : ' in AWS.'}${waiting}`
  const inAws = `AWS: **${awsCounts(aws, isDone)}**`
  if (valohai === undefined) return `${inAws}.`
  const store = STORE_ACTIONS[valohai.action][isDone ? 'done' : 'planned']
  const made = isDone ? ', made the default' : ', make it the default'
  return `${inAws}. Valohai: **${store}${valohai.defaultStore.changes ? made : ''}**.${waiting}`
}

function awsCounts({ toAdd, toChange, toDestroy, changes, diff }: AwsOutcome, isDone: boolean): string {
  if (toAdd + toChange + toDestroy + changes.length === 0) {
    return diff === undefined ? 'no changes' : 'outputs only, no resources'
  }
  return isDone
    ? `${toAdd} added, ${toChange} changed, ${toDestroy} destroyed`
    : `${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy`
}

/** The resources that change, as a table; empty where none does. */
export function awsChanges({ isDone, aws }: Outcome): string {
  const rows = aws.changes.flatMap(({ action, address }) => {
    if (action === 'read' || action === 'noop') return []
    const { sign, planned, done } = ACTIONS[action]
    return [[sign === '' ? '' : code(sign), isDone ? done : planned, code(address)]]
  })
  const shown = table(['', 'AWS', 'Resource'], rows.slice(0, MOST_ROWS))
  return rows.length > MOST_ROWS ? `${shown}\n\nAnd ${rows.length - MOST_ROWS} more.` : shown
}

/** What changes in Valohai, as a table of before and after; empty where Valohai was not asked. */
export function valohaiChanges({ isDone, valohai }: Outcome, facts: Facts): string {
  if (valohai === undefined) return ''
  const { action, fields, newKey, storeName } = valohai
  const isUpdate = action === 'updated'
  const fieldNames = fields.map((field) => FIELDS[field]).join(', ')
  return table(
    [isDone ? 'Valohai' : 'In Valohai', 'Value', isDone ? 'Result' : 'Change'],
    [
      ['Data store', code(storeName), isDone ? action : STORE_ACTIONS[action].cell],
      ...(isUpdate && fieldNames !== '' ? [['Fields of the store', fieldNames, 'update']] : []),
      ...(isUpdate && newKey ? [['Access key of the store', 'a new key', 'update']] : []),
      ["Project's default store", ...defaultStore(valohai, facts)],
    ],
  )
}

function defaultStore(
  { defaultStore: { before, changes, isThisStore }, storeName, storeId }: ValohaiOutcome,
  { setDefault }: Facts,
): [value: string, change: string] {
  const was = before === undefined ? 'none' : before === storeId ? code(storeName) : code(before)
  if (changes) return [`from ${was} to ${code(storeName)}`, 'set']
  if (isThisStore) return [code(storeName), 'unchanged']
  return [was, setDefault ? 'unchanged' : 'unchanged: `set-default` is false']
}

/**
 * A warning where a plan destroys more than an access key, which it does whenever it replaces one.
 * Empty where it does not.
 */
export function destroyWarning({ isDone, aws }: Outcome): string {
  const gone = aws.changes.filter(
    ({ action, type }) => ['delete', 'replace'].includes(action) && type !== 'aws_iam_access_key',
  )
  if (isDone || gone.length === 0) return ''
  const what = gone.length === 1 ? '1 resource' : `${gone.length} resources`
  return `> [!WARNING]\n> This plan destroys or replaces ${what}.`
}

/**
 * Terraform's own text of a plan in a fold, coloured as a diff.
 *
 * @param limit the largest size of the result
 * @param rest where a reader finds what does not fit, in Markdown
 * @returns an empty text where there is no diff, or no room for any of it
 */
export function diffFold(
  diff: string | undefined,
  { limit, unit, rest }: { limit: number; unit: Unit; rest: string },
): string {
  if (diff === undefined || diff.trim() === '') return ''
  const lines = (text: string): number => text.split('\n').length
  const whole = asDiff(visible(diff))
  const title = (shown: string): string =>
    shown === whole
      ? `Terraform's plan, ${lines(whole)} lines`
      : `Terraform's plan, the first ${lines(shown)} of ${lines(whole)} lines`
  const render = (shown: string): string => {
    const block = fence(shown, 'diff')
    return fold(title(shown), shown === whole ? block : `${block}\n\n**Cut here.** ${rest}`)
  }
  // What stands around the content depends on it: the fence is longer than any in it.
  let room = limit
  for (let attempt = 1; attempt <= 4 && room > 0; attempt += 1) {
    const shown = headOf(whole, room, unit)
    const rendered = render(shown)
    const excess = sizeOf(rendered, unit) - limit
    if (excess <= 0) return rendered
    // What is shown ends with a line, and may be smaller than the room for it.
    room = sizeOf(shown, unit) - excess
  }
  return `**Terraform's plan does not fit here.** ${rest}`
}

/** Terraform's marks at the beginning of their line, where a diff has them; `~` is a diff's `!`. */
function asDiff(plan: string): string {
  return plan
    .trim()
    .replaceAll(/^( +)(-\/\+|\+\/-|[-+~])(?= )/gm, (_, indent: string, mark: string) =>
      mark === '~' ? `!${indent}` : `${mark}${indent}`,
    )
}
