import { expect, it } from 'vitest'
import spec from '../../../../api/openapi.json'
import { t } from '@/strings'
import { changesOf, type Event, inWords, sentence } from './sentence'

const event = (e: Partial<Event>): Event => ({ action: 'app.pause', actor_kind: 'account', at: '2026-03-01T12:00:00Z', details: {}, hash: '', seq: 1, ...e })
const ann = 'acc_01jdrn7q9pe4ssyh2y6v5kd0aa'
const bob = 'usr_01jdrn7q9pe4ssyh2y6v5kd0ab'
const names = { [ann]: 'ada@example.com', [bob]: 'bob' }

it('every action that a log tells of has a label and a sentence', () => {
  const listed: string[] = spec.components.schemas.AuditEvent.properties.action.enum
  expect(listed.length).toBeGreaterThan(100)
  expect(Object.keys(t.audit.actions).sort()).toEqual([...listed].sort())
  for (const action of listed) {
    const said = inWords(event({ action: action as Event['action'], target_id: bob, names }))
    expect(said, action).not.toMatch(/[{}]of|undefined|NaN/)
    expect(said.length, action).toBeGreaterThan('An account '.length)
  }
})

it('says who did what to what, and why', () => {
  const ban = event({ action: 'user.ban', actor_id: ann, target_id: bob, details: { reason: 'charge-back' }, names })
  expect(inWords(ban)).toBe('ada@example.com banned user bob: charge-back')
  expect(inWords(ban, ann)).toBe('You banned user bob: charge-back')
  expect(inWords({ ...ban, names: {} })).toBe('An account banned a user: charge-back')
  expect(inWords(event({ action: 'license.create', details: { amount: 50, level: 1, duration: '30d' } }))).toBe('An account created 50 licenses, level 1, 30 days')
})

it('takes an action of a later server by its name', () => {
  expect(sentence(event({ action: 'moon.land' as Event['action'] }))).toEqual(['moon.land'])
})

it('says what an edit changed, and of secrets only that it did', () => {
  const edit = event({
    action: 'app.update',
    details: {
      fields: ['version'],
      changes: {
        devices_per_user: { before: 1, after: 3 },
        allowed_countries: { before: [], after: ['DE', 'FR'] },
        force_hwid: { before: true, after: false },
        'messages.appdisabled': { before: null, after: 'We are closed.' },
        value: { hidden: true },
      },
    },
  })
  expect(changesOf(edit)).toEqual([
    { name: 'Devices per user', hidden: false, before: '1', after: '3' },
    { name: 'Allowed countries', hidden: false, before: 'nothing', after: 'DE, FR' },
    { name: 'Force hwid', hidden: false, before: 'Yes', after: 'No' },
    { name: 'Message “appdisabled”', hidden: false, before: 'nothing', after: 'We are closed.' },
    { name: 'Value', hidden: true, before: 'nothing', after: 'nothing' },
  ])
  expect(changesOf(event({ details: { changes: 'odd' } }))).toEqual([])
  expect(changesOf(event({}))).toEqual([])
})
