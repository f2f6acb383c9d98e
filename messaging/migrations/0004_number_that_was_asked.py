from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_topics_inbox_and_opt_in_requests'),
    ]

    operations = [
        # Of a question that is open already nobody knows which number it went to: it is asked again.
        migrations.AddField(
            model_name='optinrequest',
            name='phone_index',
            field=models.BinaryField(default=b'', editable=False, max_length=32),
            preserve_default=False,
        ),
    ]
