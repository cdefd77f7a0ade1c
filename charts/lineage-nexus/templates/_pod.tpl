{{- /* The pod of a process, after PodSecurity's profile "restricted": root, process, arguments, grace. */ -}}
{{- define "lineage-nexus.pod" -}}
{{- $values := .root.Values -}}
{{- $own := index $values .process -}}
metadata:
  labels:
    {{- include "lineage-nexus.labels" . | nindent 4 }}
  {{- with $own.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ eq .process "migration" | ternary "default" (include "lineage-nexus.name" .root) }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace | default 60 }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  {{- if and $values.topologySpread.enabled (has .process (list "api" "worker" "proxy")) }}
  topologySpreadConstraints:
    {{- range $key := list $values.topologySpread.topologyKey "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "lineage-nexus.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .process }}
      image: {{ include "lineage-nexus.image" .root }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: {{ toJson .arguments }}
      env:
        {{- include "lineage-nexus.environment" . | trim | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      {{- if ne .process "migration" }}
      {{- $port := eq .process "api" | ternary "http" "metrics" }}
      ports:
        - name: {{ $port }}
          containerPort: {{ eq .process "api" | ternary 8000 9100 }}
        {{- if eq .process "proxy" }}
        - name: postgresql
          containerPort: {{ $own.port }}
        {{- end }}
      startupProbe:
        httpGet: {path: /health/live, port: {{ $port }}}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /health/live, port: {{ $port }}}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      {{- if eq .process "api" }}
      readinessProbe:
        httpGet: {path: /health/ready, port: http}
        periodSeconds: 5
        timeoutSeconds: 6
        failureThreshold: 2
      {{- else if eq .process "proxy" }}
      readinessProbe:
        tcpSocket: {port: postgresql}
        periodSeconds: 5
      {{- end }}
      {{- if has .process (list "api" "proxy") }}
      lifecycle:
        preStop:
          sleep: {seconds: 5} # until no balancer sends more
      {{- end }}
      {{- end }}
      volumeMounts:
        - {name: data, mountPath: /var/lib/lineage-nexus}
        - {name: tmp, mountPath: /tmp}
        {{- if eq .process "signer" }}
        - {name: audit, mountPath: /etc/lineage-nexus/audit, readOnly: true}
        {{- end }}
        {{- if has .process (list "proxy" "reconciler") }}
        - {name: proxy-key, mountPath: /etc/lineage-nexus/proxy, readOnly: true}
        {{- end }}
        {{- if eq .process "proxy" }}
        - {name: tls, mountPath: /etc/lineage-nexus/tls, readOnly: true}
        {{- end }}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: data
      emptyDir: {}
    - name: tmp
      emptyDir: {}
    {{- if eq .process "signer" }}
    - name: audit
      secret:
        secretName: {{ $values.audit.keySecret.name }}
        defaultMode: 0440
        items:
          - {key: {{ $values.audit.keySecret.key }}, path: key.pem}
    {{- end }}
    {{- if has .process (list "proxy" "reconciler") }}
    - name: proxy-key
      secret:
        secretName: {{ $values.proxy.keySecret.name }}
        defaultMode: 0440
        items:
          - {key: {{ $values.proxy.keySecret.key }}, path: key}
    {{- end }}
    {{- if eq .process "proxy" }}
    - name: tls
      secret:
        secretName: {{ required "proxy.tlsSecret is not set" $values.proxy.tlsSecret }}
        defaultMode: 0440
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
