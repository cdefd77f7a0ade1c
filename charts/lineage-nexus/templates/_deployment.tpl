{{- /* The Deployment of a process: root, process, arguments, grace, alone (never two at once). */ -}}
{{- define "lineage-nexus.deployment" -}}
{{- $own := index .root.Values .process -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "lineage-nexus.name" .root }}-{{ .process }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "lineage-nexus.labels" . | nindent 4 }}
spec:
  {{- if .alone }}
  replicas: 1
  strategy: {type: Recreate}
  {{- else }}
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ $own.replicas }}
  {{- end }}
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  {{- end }}
  selector:
    matchLabels:
      {{- include "lineage-nexus.selector" . | nindent 6 }}
  template:
    {{- include "lineage-nexus.pod" . | nindent 4 }}
{{- end -}}

{{- /* HorizontalPodAutoscaler and PodDisruptionBudget of a process: root, process. */ -}}
{{- define "lineage-nexus.scaling" -}}
{{- $own := index .root.Values .process -}}
{{- $name := printf "%s-%s" (include "lineage-nexus.name" .root) .process -}}
{{- with $own.autoscaling }}
{{- if .enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  namespace: {{ $.root.Release.Namespace }}
  labels:
    {{- include "lineage-nexus.labels" $ | nindent 4 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ $name }}}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ .cpuPercent }}}
    {{- if .lagEvents }}
    - type: External
      external:
        metric:
          name: nexus_eventlog_lag_events
          selector: {matchLabels: {namespace: {{ $.root.Release.Namespace }}}}
        target: {type: AverageValue, averageValue: {{ .lagEvents | quote }}}
    {{- end }}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
{{- end }}
{{- end }}
{{- if $own.disruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "lineage-nexus.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ $own.disruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "lineage-nexus.selector" . | nindent 6 }}
{{- end }}
{{- end -}}
