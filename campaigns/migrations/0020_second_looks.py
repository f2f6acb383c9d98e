from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0019_occasions_by_name'),
    ]

    operations = [
        migrations.RenameModel(old_name='LateClick', new_name='SecondLook'),
        migrations.AddField(
            model_name='credit',
            name='judged_by',
            field=models.CharField(blank=True, editable=False, max_length=32),
        ),
    ]
