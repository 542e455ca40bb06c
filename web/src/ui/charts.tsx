import { AreaChart, BarChart, DonutChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { Paper, Skeleton, Text } from '@mantine/core'
import { number } from '@/strings/plural'
import classes from './charts.module.css'
import { shortDay } from './time'

// Import this module only from pages that have a chart: it brings recharts.

export interface Series {
  name: string
  label: string
  /** A color of the theme, such as brass.6. */
  color: string
}

interface Props {
  title: string
  /** What the chart shows in one sentence, for who cannot see it. */
  summary: string
  loading?: boolean
  /** The content says its numbers itself, to everybody. */
  visible?: boolean
  children?: React.ReactNode
}

/** The frame of a chart: its title, its words, and room that is there before the numbers are. */
export function ChartCard({ title, summary, loading, visible, children }: Props) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Text fw={600} component="h2">
        {title}
      </Text>
      <Text size="sm" c="dimmed" mb="sm">
        {summary}
      </Text>
      {loading ? <Skeleton height={220} /> : <div aria-hidden={!visible || undefined}>{children}</div>}
    </Paper>
  )
}

interface Over {
  /** One row a day, in order; at is a moment of that day. */
  rows: ({ at: string } & Record<string, number | string>)[]
  series: Series[]
  height?: number
}

const overProps = ({ rows, series, height = 220 }: Over) => ({
  h: height,
  data: rows.map((r) => ({ ...r, at: shortDay(r.at) })),
  dataKey: 'at',
  series,
  valueFormatter: number,
  tickLine: 'none' as const,
  gridAxis: 'x' as const,
  className: classes.chart,
})

/** A line over time, its ground filled. */
export function OverTime(props: Over) {
  return <AreaChart {...overProps(props)} curveType="monotone" withGradient withDots={false} areaChartProps={{ accessibilityLayer: false }} />
}

/** Bars over time. */
export function BarsOverTime(props: Over) {
  return <BarChart {...overProps(props)} type="stacked" barChartProps={{ accessibilityLayer: false }} />
}

/** Parts of a whole, with their numbers beside them. */
export function Parts({ parts, size = 150 }: { parts: { label: string; value: number; color: string }[]; size?: number }) {
  const whole = parts.reduce((sum, p) => sum + p.value, 0)
  return (
    <div className={classes.parts}>
      <DonutChart
        size={size}
        thickness={18}
        data={whole ? parts.map((p) => ({ name: p.label, value: p.value, color: p.color })) : [{ name: '', value: 1, color: 'gray.3' }]}
        withTooltip={whole > 0}
        chartLabel={number(whole)}
        valueFormatter={number}
        strokeWidth={0}
        pieChartProps={{ accessibilityLayer: false }}
      />
      <dl className={classes.legend}>
        {parts.map((p) => (
          <div key={p.label}>
            <dt>
              <i style={{ background: `var(--mantine-color-${p.color.replace('.', '-')})` }} />
              {p.label}
            </dt>
            <dd>{number(p.value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
