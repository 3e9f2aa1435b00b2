import { lines } from './lines'
import { invalid, type Parser, show, valid } from './problems'

/** Number of an AWS account. */
export const accountId: Parser<string> = (text) =>
  /^[0-9]{12}$/.test(text)
    ? valid(text)
    : invalid(
        `${show(text)} is not the number of an AWS account`,
        'Write its 12 digits, for example 123456789012',
      )

/** Numbers of AWS accounts, one a line. */
export const accountIds: Parser<readonly string[]> = lines(accountId)
