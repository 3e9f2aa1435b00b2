import { IAM_NAME, LONGEST_IAM_NAME } from '../store/names'
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
