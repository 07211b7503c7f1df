/** A metric as CloudWatch names it. */
export interface MetricName {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * The metrics that a dashboard draws, each once, from its body, without expressions, searches and widgets of another
 * region. Undefined when the body is not a dashboard. Source: CloudWatch, "Dashboard body structure and syntax": a row is
 * namespace, name, dimension name and value pairs, then options; `.` repeats the value of the previous row at that place,
 * `...` all values in between.
 */
export function dashboardMetrics(body: string, region: string): readonly MetricName[] | undefined {
  const widgets = widgetsOf(body);
  if (widgets === undefined) return undefined;
  const metrics = new Map<string, MetricName>();
  for (const widget of widgets) {
    const properties = fields(fields(widget)?.['properties']);
    const { metrics: rows, region: there } = properties ?? {};
    if (!Array.isArray(rows) || (typeof there === 'string' && there !== region)) continue;
    for (const metric of metricsOf(rows)) metrics.set(JSON.stringify(metric), metric);
  }
  return [...metrics.values()];
}

function widgetsOf(body: string): readonly unknown[] | undefined {
  try {
    const widgets = fields(JSON.parse(body))?.['widgets'];
    return Array.isArray(widgets) ? widgets : undefined;
  } catch {
    return undefined;
  }
}

function metricsOf(rows: readonly unknown[]): readonly MetricName[] {
  let before: readonly string[] = [];
  return rows.flatMap((row) => {
    if (!Array.isArray(row)) return [];
    const words = expanded(
      row.filter((word) => typeof word === 'string'),
      before,
    );
    const [namespace, metric, ...pairs] = words;
    if (namespace === undefined || metric === undefined) return [];
    before = words;
    const dimensions: Record<string, string> = {};
    for (let at = 0; at + 1 < pairs.length; at += 2) dimensions[pairs[at] ?? ''] = pairs[at + 1] ?? '';
    return [{ namespace, metric, dimensions }];
  });
}

function expanded(words: readonly string[], before: readonly string[]): readonly string[] {
  const dots = words.indexOf('...');
  const missing = Math.max(0, before.length - words.length + 1);
  const whole =
    dots === -1 ? words : [...words.slice(0, dots), ...Array<string>(missing).fill('.'), ...words.slice(dots + 1)];
  return whole.map((word, at) => (word === '.' ? (before[at] ?? word) : word));
}

function fields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
