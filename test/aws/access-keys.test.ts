import { listAccessKeys, removeAccessKey } from '../../src/aws/access-keys'
import { startFakeAws, stsError, type FakeAws } from '../support/fake-aws'

let aws: FakeAws

beforeEach(async () => {
  aws = await startFakeAws()
})

afterEach(() => aws.close())

const answer = (operation: string, result: string): { body: string } => ({
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
})

/** IAM with these keys; one that is active was used an hour ago. */
function haveKeys(...keys: [id: string, status: 'Active' | 'Inactive'][]): void {
  const members = keys.map(
    ([id, status]) =>
      `<member><UserName>u</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>`,
  )
  aws.intercept = (operation, { body }) => {
    if (operation === 'ListAccessKeys') {
      return answer(operation, `<AccessKeyMetadata>${members.join('')}</AccessKeyMetadata>`)
    }
    const [, status] = keys.find(([id]) => body.includes(`AccessKeyId=${id}`)) ?? []
    const used = status === 'Active' ? '<LastUsedDate>2026-02-01T00:00:00Z</LastUsedDate>' : ''
    return answer(operation, `<AccessKeyLastUsed>${used}</AccessKeyLastUsed>`)
  }
}

describe('listAccessKeys', () => {
  it('tells of each when it was made and last used', async () => {
    haveKeys(['AKIA1', 'Active'], ['AKIA2', 'Inactive'])
    const created = new Date('2026-01-01T00:00:00Z')
    await expect(listAccessKeys('eu-west-1', 'u')).resolves.toEqual([
      { id: 'AKIA1', isActive: true, created, lastUsed: new Date('2026-02-01T00:00:00Z') },
      { id: 'AKIA2', isActive: false, created, lastUsed: undefined },
    ])
  })

  it('is empty where the user is missing', async () => {
    aws.intercept = () => stsError(404, 'NoSuchEntity')
    await expect(listAccessKeys('eu-west-1', 'u')).resolves.toEqual([])
  })

  it('says why it cannot be had', async () => {
    aws.intercept = () => stsError(403, 'AccessDenied')
    await expect(listAccessKeys('eu-west-1', 'u')).rejects.toThrow(
      /keys of the IAM user u could not be listed: AccessDenied/,
    )
  })
})

describe('removeAccessKey', () => {
  it('removes it, and has nothing against one that is gone', async () => {
    aws.intercept = () => answer('DeleteAccessKey', '')
    await removeAccessKey('eu-west-1', 'u', 'AKIA1')
    expect(aws.requests[0]?.body).toMatch(/Action=DeleteAccessKey.*AccessKeyId=AKIA1/)
    aws.intercept = () => stsError(404, 'NoSuchEntity')
    await expect(removeAccessKey('eu-west-1', 'u', 'AKIA1')).resolves.toBeUndefined()
  })

  it('says why it cannot', async () => {
    aws.intercept = () => stsError(403, 'AccessDenied')
    await expect(removeAccessKey('eu-west-1', 'u', 'AKIA1')).rejects.toThrow(
      /AKIA1 of u could not be removed: AccessDenied/,
    )
  })
})
