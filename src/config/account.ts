import { lines } from './lines'
import { invalid, type Parser, show, valid } from './problems'

/** Id of an AWS account: twelve digits, as people write them, with hyphens too. */
export const accountId: Parser<string> = (text) => {
  const digits = text.replaceAll('-', '')
  if (/^[0-9]{12}$/.test(digits)) return valid(digits)
  return invalid(
    `${show(text)} is not the id of an AWS account`,
    'Write its twelve digits, in quotes where YAML would drop a zero at the beginning, e.g. "012345678901"',
  )
}

/** Ids of AWS accounts, one a line. */
export const accountIds: Parser<readonly string[]> = lines(accountId)
