import { pages } from './pages'

export const audit = {
  title: pages.audit,
  lead: 'Every change, who made it and from where. Each entry carries the hash of the one before it, so none can be changed unseen.',
  field: { at: 'When', who: 'Who', action: 'What', target: 'Of', details: 'Details', ip: 'Address', request: 'Request', seq: 'No.', hash: 'Hash' },
  actor: { account: 'Account', api_key: 'API key', customer: 'Customer', server: 'Server' } as Record<string, string>,
  you: 'You',
  entry: 'Audit entry',
  empty: { title: 'Nothing has happened yet', text: 'As soon as something is changed, it stands here.' },
}
