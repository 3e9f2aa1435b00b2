import { invalid, type Parser, show, valid } from './problems'

const LONGEST = 64

/** Name of an IAM user or role. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const iamName: Parser<string> = (text) => {
  const fix = `Write 1 to ${LONGEST} letters, digits and + = , . @ _ -`
  if (text.includes('/') || text.startsWith('arn:')) {
    return invalid(`${show(text)} is a path or an ARN`, `Write the name alone. ${fix}`)
  }
  if (!/^[A-Za-z0-9_+=,.@-]+$/.test(text)) {
    return invalid(`${show(text)} has characters that IAM does not allow in names`, fix)
  }
  if (text.length > LONGEST) return invalid(`${show(text)} is ${text.length} characters long`, fix)
  return valid(text)
}
