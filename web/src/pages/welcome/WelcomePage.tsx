import { Paper, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { appQuery } from '@/app/apps'
import { useParam } from '@/app/params'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { Page } from '@/ui/Page'
import { AppStep } from './AppStep'
import { CodeStep } from './CodeStep'
import { LicensesStep } from './LicensesStep'
import { Steps, type Step } from './Steps'
import { SubscriptionStep } from './SubscriptionStep'

const order: Step[] = ['app', 'subscription', 'licenses', 'code']

/** From nothing to the first customer. Where one is stands in the address, so nothing is lost on the way. */
export default function WelcomePage() {
  const id = useParam('app')
  const asked = useParam('step') as Step | undefined
  const navigate = useNavigate()
  const { data: app, error, refetch } = useQuery({ ...appQuery(id ?? ''), enabled: Boolean(id) })
  const step = id && asked && order.includes(asked) ? asked : 'app'
  const go = (next: Step, app = id) => void navigate({ to: '.', search: { app, step: next } as never })
  return (
    <Page title={t.welcome.title} lead={t.welcome.lead} narrow>
      <Steps current={step} order={order} />
      <Paper withBorder p={{ base: 'md', sm: 'xl' }} mt="lg">
        {id && error ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : id && !app ? (
          <Skeleton height={180} />
        ) : step === 'app' || !app ? (
          <AppStep
            made={app}
            done={(made) => {
              go('subscription', made)
            }}
          />
        ) : step === 'subscription' ? (
          <SubscriptionStep
            app={app}
            back={() => {
              go('app')
            }}
            done={() => {
              go('licenses')
            }}
          />
        ) : step === 'licenses' ? (
          <LicensesStep
            app={app}
            back={() => {
              go('subscription')
            }}
            done={() => {
              go('code')
            }}
          />
        ) : (
          <CodeStep
            app={app}
            back={() => {
              go('licenses')
            }}
          />
        )}
      </Paper>
    </Page>
  )
}
