import { Code, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Time } from '@/ui/Time'
import { placeOf } from './data'
import { changesOf, type Event, nameOf, readable, sentence, whoOf } from './sentence'

const words = t.audit

/** All that is known of one entry. */
export function Entry({ app, event: e }: { app: string; event: Event }) {
  const me = useAccount()
  const f = words.field
  const who = whoOf(e, me?.id)
  // What was not given is stored as well.
  const changes = changesOf(e)
  const stored = Object.entries(e.details).filter(([name, value]) => name !== 'changes' && !(name === 'fields' && changes.length > 0) && value !== '' && value !== null && !(name === 'duration' && value === 'invalid'))
  return (
    <Stack>
      <Text size="lg">
        <Named app={app} event={e} id={e.actor_id ?? ''} name={who} />{' '}
        {sentence(e).map((p, i) => (typeof p === 'string' ? <bdi key={i}>{p}</bdi> : <Named key={i} app={app} event={e} id={p.id} name={p.name} />))}
      </Text>
      <Facts
        rows={[
          [f.at, <Time key="t" at={e.at} exact />],
          [f.action, <Code key="a">{e.action}</Code>],
          [f.who, e.actor_id && <CopyCell key="w" value={e.actor_id} what={`${t.common.copy}: ${f.who}`} />],
          [f.target, e.target_id && <CopyCell key="o" value={e.target_id} what={`${t.common.copy}: ${f.target}`} />],
          [f.ip, e.ip],
        ]}
      />
      {changes.length > 0 && (
        <section aria-label={words.changes.title}>
          <Title order={3} size="h5" mb="xs">
            {words.changes.title}
          </Title>
          <Facts
            rows={changes.map((c) => [
              c.name,
              c.hidden ? (
                <Text key={c.name} span c="dimmed">
                  {words.changes.hidden}
                </Text>
              ) : (
                <span key={c.name}>
                  <VisuallyHidden>{words.changes.before} </VisuallyHidden>
                  <Text span c="dimmed">
                    <bdi>{c.before}</bdi>
                  </Text>{' '}
                  <span aria-hidden>→</span>
                  <VisuallyHidden>{words.changes.after}</VisuallyHidden> <bdi>{c.after}</bdi>
                </span>
              ),
            ])}
          />
        </section>
      )}
      {stored.length > 0 && (
        <section aria-label={words.details}>
          <Title order={3} size="h5" mb="xs">
            {words.details}
          </Title>
          <Facts
            rows={stored.map(([name, value]) => [
              words.detail[name] ?? name.replaceAll('_', ' '),
              typeof value === 'string' && e.names?.[value] !== undefined ? <Named key={name} app={app} event={e} id={value} name={nameOf(e, value)} /> : <bdi key={name}>{readable(e, value)}</bdi>,
            ])}
          />
        </section>
      )}
      <section aria-label={words.proof}>
        <Title order={3} size="h5" mb="xs">
          {words.proof}
        </Title>
        <Facts
          rows={[
            [f.seq, number(e.seq)],
            [f.request, e.request_id && <CopyCell key="r" value={e.request_id} what={`${t.common.copy}: ${f.request}`} />],
            [f.hash, <CopyCell key="h" value={e.hash} what={`${t.common.copy}: ${f.hash}`} />],
          ]}
        />
      </section>
    </Stack>
  )
}

/** What something is called, with the way to it if it is still there. */
function Named({ app, event, id, name }: { app: string; event: Event; id: string; name: string }) {
  const place = placeOf(app, event, id)
  const text = (
    <b>
      <bdi>{name}</bdi>
    </b>
  )
  return place ? (
    <Link to={place.to} search={(place.open ? { open: place.open } : {}) as never}>
      {text}
    </Link>
  ) : (
    text
  )
}
