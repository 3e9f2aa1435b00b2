import { expectWellWithout } from './lost-answers'

test('lost answers to the creation of user, bucket and key: the run itself looks again, and ends well', () =>
  expectWellWithout('acme-lost', ['IAM CreateUser', 'S3 PUT /acme-lost', 'IAM CreateAccessKey']))
