{{- /* One variable from a Secret: name, secret. */ -}}
{{- define "lineage-nexus.from-secret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ required (printf "the Secret of %s is not named" .name) .secret.name }}
      key: {{ required (printf "the key of %s is not named" .name) .secret.key }}
{{- end -}}

{{- /* Plain settings as a dictionary, for those processes that use them: root, process. */ -}}
{{- define "lineage-nexus.settings" -}}
{{- $values := .root.Values -}}
{{- $found := dict "NEXUS_DATA_DIR" "/var/lib/lineage-nexus" "NEXUS_CACHE_DIR" "/tmp/cache" -}}
{{- if eq .process "api" -}}
{{- $_ := set $found "NEXUS_API__HOST" "0.0.0.0" -}}
{{- $_ := set $found "NEXUS_API__PORT" "8000" -}}
{{- if $values.ingress.enabled -}}
{{- $_ := set $found "NEXUS_API__PUBLIC_URL" (printf "https://%s" $values.ingress.host) -}}
{{- end -}}
{{- else if ne .process "migration" -}}
{{- $_ := set $found "NEXUS_METRICS__HOST" "0.0.0.0" -}}
{{- $_ := set $found "NEXUS_METRICS__PORT" "9100" -}}
{{- end -}}
{{- /* The reconciler never connects to it: it asks which projection is read, and is told by its ledger in the store. */ -}}
{{- if has .process (list "api" "worker" "reconciler") -}}
{{- $_ := set $found "NEXUS_GRAPH__URI" (required "graph.uri is not set" $values.graph.uri) -}}
{{- $_ := set $found "NEXUS_GRAPH__USER" $values.graph.user -}}
{{- end -}}
{{- if has .process (list "api" "worker") -}}
{{- with $values.eventlog -}}
{{- $_ := set $found "NEXUS_EVENTLOG__KIND" .kind -}}
{{- if eq .kind "kafka" -}}
{{- $_ := set $found "NEXUS_EVENTLOG__BOOTSTRAP_SERVERS" (required "eventlog.bootstrapServers is not set" .bootstrapServers) -}}
{{- $_ := set $found "NEXUS_EVENTLOG__TOPIC" .topic -}}
{{- $_ := set $found "NEXUS_EVENTLOG__REPLICATION_FACTOR" (toString .replicationFactor) -}}
{{- $_ := set $found "NEXUS_EVENTLOG__MIN_INSYNC_REPLICAS" (toString .minInsyncReplicas) -}}
{{- with .options -}}
{{- $_ := set $found "NEXUS_EVENTLOG__OPTIONS" (toJson .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if eq .process "signer" -}}
{{- $_ := set $found "NEXUS_AUDIT__KEY" "/etc/lineage-nexus/audit/key.pem" -}}
{{- $_ := set $found "NEXUS_AUDIT__NAME" $values.audit.name -}}
{{- with $values.audit.witnesses -}}
{{- $_ := set $found "NEXUS_AUDIT__WITNESSES" (toJson .) -}}
{{- end -}}
{{- end -}}
{{- if has .process (list "proxy" "reconciler") -}}
{{- $_ := set $found "NEXUS_PROXY__KEY" "file:/etc/lineage-nexus/proxy/key" -}}
{{- if eq .process "proxy" -}}
{{- $_ := set $found "NEXUS_PROXY__HOST" "0.0.0.0" -}}
{{- $_ := set $found "NEXUS_PROXY__PORT" (toString $values.proxy.port) -}}
{{- $_ := set $found "NEXUS_PROXY__TLS_CERTIFICATE" "/etc/lineage-nexus/tls/tls.crt" -}}
{{- $_ := set $found "NEXUS_PROXY__TLS_KEY" "/etc/lineage-nexus/tls/tls.key" -}}
{{- end -}}
{{- range $name, $source := $values.proxy.sources -}}
{{- $_ := set $found (printf "NEXUS_PROXY__SOURCES__%s__URL" (upper $name)) $source.url -}}
{{- with $source.namespace -}}
{{- $_ := set $found (printf "NEXUS_PROXY__SOURCES__%s__NAMESPACE" (upper $name)) . -}}
{{- end -}}
{{- if eq $.process "reconciler" -}}
{{- $_ := set $found (printf "NEXUS_PROXY__SOURCES__%s__PASSWORD" (upper $name)) (printf "env:SOURCE_PASSWORD_%s" (upper $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $values.monitoring.traces.endpoint (ne .process "migration") -}}
{{- $_ := set $found "NEXUS_TRACES__ENDPOINT" $values.monitoring.traces.endpoint -}}
{{- end -}}
{{- $own := (index $values .process).settings | default dict -}}
{{- merge (dict) $own $values.settings $found | toJson -}}
{{- end -}}

{{- /* The environment of a process: only the secrets that it needs. */ -}}
{{- define "lineage-nexus.environment" -}}
{{- $values := .root.Values -}}
{{- range $name, $value := include "lineage-nexus.settings" . | fromJson }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- $store := $values.store.secret -}}
{{- if and (eq .process "migration") $values.store.migrationSecret.name -}}
{{- $store = $values.store.migrationSecret -}}
{{- end }}
{{ include "lineage-nexus.from-secret" (dict "name" "NEXUS_STORE__URL" "secret" $store) }}
{{- if has .process (list "api" "worker") }}
{{ include "lineage-nexus.from-secret" (dict "name" "NEXUS_SECRETS__KEY" "secret" $values.keys.secret) }}
{{ include "lineage-nexus.from-secret" (dict "name" "NEXUS_SECRETS__KEYS_URL" "secret" $values.keys.urlSecret) }}
{{ include "lineage-nexus.from-secret" (dict "name" "NEXUS_GRAPH__PASSWORD" "secret" $values.graph.passwordSecret) }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- if eq .process "reconciler" }}
{{- range $name, $source := $values.proxy.sources }}
{{ include "lineage-nexus.from-secret" (dict "name" (printf "SOURCE_PASSWORD_%s" (upper $name)) "secret" $source.passwordSecret) }}
{{- end }}
{{- with $values.reconciler.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end -}}
