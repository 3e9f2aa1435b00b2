import { startProxy, type Proxy } from './proxy'

const DAY = 86_400_000

/**
 * Starts a server in front of AWS that says of access keys that they are older than they are: IAM has no other clock
 * than the machine's.
 *
 * @param ages in days, by id; may be changed while it runs
 */
export const startWithAgedKeys = (target: string, ages: ReadonlyMap<string, number>): Promise<Proxy> =>
  startProxy(target, {
    before: async ({ method, url, headers, body }) => {
      if (!body.includes('Action=ListAccessKeys')) return 'pass'
      const { authorization = '', 'content-type': type = '' } = headers
      const answer = await fetch(new URL(url, target), {
        method,
        headers: { authorization, 'content-type': type },
        body,
      })
      const text = await answer.text()
      const aged = text.replaceAll(/<member>.*?<\/member>/gs, (member) => {
        const age = ages.get(/<AccessKeyId>(\w+)</.exec(member)?.[1] ?? '')
        if (age === undefined) return member
        const created = new Date(Date.now() - age * DAY).toISOString()
        return member.replace(/<CreateDate>[^<]*/, `<CreateDate>${created}`)
      })
      return { status: answer.status, headers: { 'content-type': 'text/xml' }, body: aged }
    },
  })
