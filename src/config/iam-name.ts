import { IAM_NAME, IAM_PATH, LONGEST_IAM_NAME, POLICY_ARN } from '../store/names'
import { invalid, type Parser, show, valid } from './problems'

/** Name of an IAM user or role. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const iamName: Parser<string> = (text) => {
  if (new RegExp(IAM_NAME).test(text)) return valid(text)
  const fix = `Write 1 to ${LONGEST_IAM_NAME} letters, digits and + = , . @ _ -`
  if (text.includes('/') || text.startsWith('arn:')) {
    return invalid(`${show(text)} is a path or an ARN`, `Write the name alone. ${fix}`)
  }
  return text.length > LONGEST_IAM_NAME
    ? invalid(`${show(text)} is ${text.length} characters long`, fix)
    : invalid(`${show(text)} has characters that IAM does not allow in names`, fix)
}

/** IAM's limit for a path, in characters. */
const LONGEST_PATH = 512

/** Path of an IAM user or role. */
export const iamPath: Parser<string> = (text) => {
  if (text.length > LONGEST_PATH) {
    return invalid(`The path is ${text.length} characters long`, `Shorten it to ${LONGEST_PATH}`)
  }
  if (new RegExp(IAM_PATH).test(text)) return valid(text)
  const whole = `/${text.replace(/^\/+|\/+$/g, '')}/`
  const fix = new RegExp(IAM_PATH).test(whole) ? `Write "${whole}"` : 'Write it like "/valohai/"'
  return invalid(`${show(text)} is not a path of IAM's: one begins and ends with "/", without spaces`, fix)
}

/** ARN of an IAM policy. */
export const policyArn: Parser<string> = (text) =>
  new RegExp(POLICY_ARN).test(text)
    ? valid(text)
    : invalid(
        `${show(text)} is not the ARN of an IAM policy`,
        'Write it like "arn:aws:iam::123456789012:policy/boundary"',
      )
