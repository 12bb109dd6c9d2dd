// A dashboard as Grafana's own types have it, which leave open what panels are: ours are of
// three kinds, each with its options, and all they ask is asked of Prometheus.
import type { Dashboard, Panel, RowPanel } from '@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { PrometheusDataQuery } from '@grafana/schema/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen';

interface Common extends Omit<Panel, 'type' | 'options' | 'targets'> { targets: PrometheusDataQuery[] }

interface StatPanel extends Common { type: 'stat'; options: stat.Options }
interface TablePanel extends Common { type: 'table'; options: table.Options }
interface TimeSeriesPanel extends Common { type: 'timeseries'; options: timeseries.Options }

export interface Board extends Omit<Dashboard, 'panels'> {
	panels: (RowPanel | StatPanel | TablePanel | TimeSeriesPanel)[];
}
